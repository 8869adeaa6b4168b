CREATE LANGUAGE golden_pl HANDLER plpgsql_call_handler;
CREATE CONVERSION golden_conversion FOR 'LATIN1' TO 'UTF8' FROM iso8859_1_to_utf8;
CREATE ACCESS METHOD golden_heap TYPE TABLE HANDLER heap_tableam_handler;
CREATE TABLE t (a integer);
