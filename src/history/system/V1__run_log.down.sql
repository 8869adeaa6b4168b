drop table hardtack.step;
drop table hardtack.run;
