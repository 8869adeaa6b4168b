CREATE TABLE unrelated (id integer PRIMARY KEY);
CREATE TABLE department (id integer PRIMARY KEY, head integer);
CREATE TABLE employee (id integer PRIMARY KEY, department integer REFERENCES department, boss integer REFERENCES employee);
ALTER TABLE department ADD FOREIGN KEY (head) REFERENCES employee;
