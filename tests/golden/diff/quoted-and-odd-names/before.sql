CREATE SCHEMA "Odd Schema";
CREATE TYPE "Odd Schema"."Mood" AS ENUM ('Sad', 'so "so"');
CREATE TABLE "Odd Schema"."Table" ("ID" integer PRIMARY KEY, "select" text, "with space" "Odd Schema"."Mood", "quo""te" integer, "größe" integer, "a.b" integer);
CREATE INDEX "In""dex" ON "Odd Schema"."Table" ("with space", lower("select"));
CREATE TABLE "user" ("order" integer, "table" text);
