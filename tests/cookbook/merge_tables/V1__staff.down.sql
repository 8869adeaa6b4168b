drop table badges;

drop table contractors;

drop table employees;
