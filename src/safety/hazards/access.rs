use super::{Hazard, Verdict, text};

pub(super) const ROWS: &[Hazard] = &[
    text(
        "ban-alter-row-level-security",
        Verdict::BreaksRunningVersion,
        "with row level security on and no policy, everybody but the owner finds no row; off, everybody finds all",
        "make the policies first, in the same transaction",
    ),
    text(
        "ban-create-policy",
        Verdict::BriefLock,
        "the table is locked with ACCESS EXCLUSIVE; a permissive policy shows rows, a restrictive one hides them",
        "try it as the role of the application on a copy first",
    ),
    text(
        "ban-alter-policy-condition",
        Verdict::BriefLock,
        "the running version finds, or may write, other rows",
        "make a second policy, and drop the first with the next version",
    ),
    text(
        "ban-alter-policy-roles",
        Verdict::BriefLock,
        "some role finds, or may write, other rows",
        "make a second policy, and drop the first with the next version",
    ),
    text(
        "ban-drop-policy",
        Verdict::BriefLock,
        "rows that the policy showed are found no longer, or those that it hid are",
        "make the one that replaces it in the same transaction",
    ),
    text(
        "ban-revoke",
        Verdict::BreaksRunningVersion,
        "statements of the running version that need the right fail",
        "deploy a version that does without it first",
    ),
    text(
        "changing-owner",
        Verdict::BreaksRunningVersion,
        "the old owner has its rights no longer, so a version that logs in with it may fail",
        "make the old owner a member of the new one first",
    ),
    text(
        "ban-alter-role-options",
        Verdict::BreaksRunningVersion,
        "a role of the running version may lose a right, its password or its login",
        "give the new right first, and take the old one with a later revision",
    ),
    text(
        "ban-alter-database-options",
        Verdict::BriefLock,
        "sessions that come later run with other settings, in every application of the database",
        "set it for the role, or in the session",
    ),
    text(
        "ban-alter-system-options",
        Verdict::BriefLock,
        "the whole server runs with another setting, and ALTER SYSTEM works in no transaction",
        "leave it to whoever runs the server",
    ),
];
