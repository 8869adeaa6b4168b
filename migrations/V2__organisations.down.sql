-- Organisations and memberships refer to each other, so the owner's key goes first.
alter table organisations drop constraint organisations_owner_is_member;

drop table memberships;

drop table organisations;

drop type member_role;

drop domain slug;
