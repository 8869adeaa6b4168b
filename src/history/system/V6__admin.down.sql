drop table hardtack.audit;
drop table hardtack.token;
