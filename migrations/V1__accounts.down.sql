-- Back to an empty database.
drop table accounts;

drop function set_updated_at();
