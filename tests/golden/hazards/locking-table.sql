-- recipe
-- hardtack: allow locking-table "readers go on, and nothing slow comes behind it"
lock table accounts in share mode;
