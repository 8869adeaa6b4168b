-- needs: 15
CREATE TABLE tenant_user (tenant integer, id integer, PRIMARY KEY (tenant, id));
CREATE TABLE post (tenant integer, author integer, CONSTRAINT author FOREIGN KEY (tenant, author) REFERENCES tenant_user ON DELETE SET NULL);
