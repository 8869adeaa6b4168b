drop table hardtack.deploy;
