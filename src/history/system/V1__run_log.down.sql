drop table hardtack.unfinished;
drop table hardtack.step;
drop table hardtack.run;
