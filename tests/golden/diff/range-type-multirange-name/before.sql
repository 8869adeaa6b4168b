-- needs: 14
CREATE TYPE span AS RANGE (subtype = integer);
