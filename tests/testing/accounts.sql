insert into accounts (email, display_name) values (' Ada@Example.com', 'Ada'), ('grace@example.com', 'Grace');
