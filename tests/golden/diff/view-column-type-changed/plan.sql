-- breaks-users
DROP VIEW public.best;
-- breaks-users
DROP VIEW public.scores;
CREATE VIEW public.scores AS
 SELECT account.id,
    (account.score)::numeric AS score
   FROM public.account;
CREATE VIEW public.best AS
 SELECT max(scores.score) AS best
   FROM public.scores;
