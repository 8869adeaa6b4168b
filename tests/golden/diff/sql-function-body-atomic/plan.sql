-- breaks-users
DROP FUNCTION public.total();
CREATE OR REPLACE FUNCTION public.plain(a integer)
 RETURNS integer
 LANGUAGE sql
RETURN (a + 2);
-- rewrites-table, breaks-users
ALTER TABLE public.account ALTER COLUMN balance TYPE bigint;
CREATE OR REPLACE FUNCTION public.total()
 RETURNS numeric
 LANGUAGE sql
BEGIN ATOMIC
 SELECT sum(account.balance) AS sum
    FROM public.account;
END;
CREATE OR REPLACE FUNCTION public.twice()
 RETURNS numeric
 LANGUAGE sql
BEGIN ATOMIC
 SELECT 1;
 SELECT (public.total() * (2)::numeric);
END;
CREATE OR REPLACE PROCEDURE public.charge(IN amount integer)
 LANGUAGE sql
BEGIN ATOMIC
 UPDATE public.account SET balance = (account.balance - charge.amount);
END;
