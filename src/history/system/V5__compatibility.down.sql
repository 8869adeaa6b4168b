alter table hardtack.step drop column breaks_before;
