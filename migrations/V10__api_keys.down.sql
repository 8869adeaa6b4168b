-- Every key stops working; customers have to be told before.
drop table api_keys;
