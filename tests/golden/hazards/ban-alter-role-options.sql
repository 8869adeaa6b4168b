-- before
create role hazard_login login;
-- hazard
alter role hazard_login nologin;
-- recipe
-- hardtack: allow ban-alter-role-options "no session of it is left"
alter role hazard_login nologin;
