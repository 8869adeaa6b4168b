-- breaks-users
DROP FOREIGN TABLE public.gone_table;
DROP USER MAPPING FOR PUBLIC SERVER remote;
-- breaks-users
DROP SERVER gone;
CREATE SERVER fresh TYPE 'test' FOREIGN DATA WRAPPER postgres_fdw;
ALTER SERVER remote VERSION '2' OPTIONS (SET host 'b.example.org', ADD port '5433', DROP dbname);
-- changes-access
ALTER SERVER remote OWNER TO golden_writer;
COMMENT ON SERVER remote IS 'The other one';
-- changes-access
GRANT USAGE ON FOREIGN SERVER remote TO golden_reader;
CREATE USER MAPPING FOR golden_writer SERVER remote;
CREATE FOREIGN TABLE public.fresh_table (
    id integer
)
SERVER fresh;
COMMENT ON FOREIGN TABLE public.fresh_table IS 'Far away';
ALTER FOREIGN TABLE public.remote_account OPTIONS (ADD schema_name 's', SET table_name 'account2');
ALTER TABLE public.remote_account ALTER COLUMN email SET DEFAULT 'x'::text;
-- rewrites-table, breaks-users
ALTER TABLE public.remote_account ALTER COLUMN id TYPE bigint;
ALTER TABLE public.remote_account ALTER COLUMN id DROP NOT NULL;
ALTER TABLE public.remote_account ALTER COLUMN id OPTIONS (SET column_name 'ident');
ALTER TABLE public.remote_account ADD COLUMN phone text;
CREATE VIEW public.near AS
 SELECT remote_account.id
   FROM public.remote_account;
-- depends-on-data, scans-table
ALTER TABLE public.remote_account ADD CONSTRAINT remote_account_id_check CHECK ((id > 0));
