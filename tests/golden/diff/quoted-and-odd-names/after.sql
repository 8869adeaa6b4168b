CREATE SCHEMA "Odd Schema";
CREATE TYPE "Odd Schema"."Mood" AS ENUM ('Sad', 'so "so"', 'naïve', '');
CREATE TABLE "Odd Schema"."Table" ("ID" bigint PRIMARY KEY, "select" text NOT NULL DEFAULT 'it''s', "with space" "Odd Schema"."Mood", "größe" numeric, "a.b" integer CHECK ("a.b" > 0), "日本" text);
CREATE INDEX "In""dex" ON "Odd Schema"."Table" ("with space", upper("select"));
CREATE TABLE "user" ("order" integer, "table" text UNIQUE, "Primary" integer GENERATED ALWAYS AS IDENTITY);
CREATE VIEW "Odd Schema"."View ""x""" AS SELECT "ID", "a.b" AS "c;d" FROM "Odd Schema"."Table";
CREATE FUNCTION "Odd Schema"."do it"("In Put" "Odd Schema"."Mood" DEFAULT 'Sad') RETURNS "Odd Schema"."Table" LANGUAGE sql AS $$ SELECT * FROM "Odd Schema"."Table" $$;
COMMENT ON COLUMN "Odd Schema"."Table"."日本" IS '$$ ''quoted'' $x$';
CREATE TABLE "Odd Schema".a_name_that_is_exactly_sixty_three_bytes_long_to_test_the_limits (id integer);
