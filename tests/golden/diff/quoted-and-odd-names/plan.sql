DROP INDEX "Odd Schema"."In""dex";
-- deletes-data, breaks-users
ALTER TABLE "Odd Schema"."Table" DROP COLUMN "quo""te";
ALTER TYPE "Odd Schema"."Mood" ADD VALUE 'naïve' AFTER 'so "so"';
ALTER TYPE "Odd Schema"."Mood" ADD VALUE '' AFTER 'naïve';
CREATE OR REPLACE FUNCTION "Odd Schema"."do it"("In Put" "Odd Schema"."Mood" DEFAULT 'Sad'::"Odd Schema"."Mood")
 RETURNS "Odd Schema"."Table"
 LANGUAGE sql
AS $function$ SELECT * FROM "Odd Schema"."Table" $function$;
CREATE TABLE "Odd Schema".a_name_that_is_exactly_sixty_three_bytes_long_to_test_the_limit (
    id integer
);
-- rewrites-table, breaks-users
ALTER TABLE "Odd Schema"."Table" ALTER COLUMN "ID" TYPE bigint;
-- rewrites-table, breaks-users
ALTER TABLE "Odd Schema"."Table" ALTER COLUMN "größe" TYPE numeric;
ALTER TABLE "Odd Schema"."Table" ALTER COLUMN "select" SET DEFAULT 'it''s'::text;
-- depends-on-data, scans-table
ALTER TABLE "Odd Schema"."Table" ALTER COLUMN "select" SET NOT NULL;
ALTER TABLE "Odd Schema"."Table" ADD COLUMN "日本" text;
COMMENT ON COLUMN "Odd Schema"."Table"."日本" IS '$$ ''quoted'' $x$';
-- rewrites-table
ALTER TABLE public."user" ADD COLUMN "Primary" integer GENERATED ALWAYS AS IDENTITY (SEQUENCE NAME public."user_Primary_seq" START WITH 1 INCREMENT BY 1 MINVALUE 1 MAXVALUE 2147483647 CACHE 1) NOT NULL;
CREATE VIEW "Odd Schema"."View ""x""" AS
 SELECT "Table"."ID",
    "Table"."a.b" AS "c;d"
   FROM "Odd Schema"."Table";
-- blocks-writes
CREATE INDEX "In""dex" ON "Odd Schema"."Table" USING btree ("with space", upper("select"));
-- depends-on-data, scans-table
ALTER TABLE "Odd Schema"."Table" ADD CONSTRAINT "Table_a.b_check" CHECK (("a.b" > 0));
-- depends-on-data, scans-table
ALTER TABLE public."user" ADD CONSTRAINT user_table_key UNIQUE ("table");
