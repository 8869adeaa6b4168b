INSERT INTO alarm VALUES (1, 'middle'), (2, 'high');
