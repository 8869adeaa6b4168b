alter table hardtack.run drop column note;
drop table hardtack.evidence;
