-- before
create role hazard_leaver login;
-- hazard
drop role hazard_leaver;
-- recipe 1
alter role hazard_leaver nologin;
-- recipe 2
-- hardtack: allow dropping-role "no session of it is left"
drop role hazard_leaver;
