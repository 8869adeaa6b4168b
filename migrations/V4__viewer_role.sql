-- Read-only members: they see documents and findings and change nothing.
-- hardtack: irreversible "PostgreSQL cannot remove a value from an enum, and members may hold the role by then"
alter type member_role add value 'viewer' after 'editor';
