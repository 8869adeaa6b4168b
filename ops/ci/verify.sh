#!/usr/bin/env bash
# Judges the revisions of a branch as its pull request is judged: here and in CI alike.
#
#     bash ops/ci/verify.sh                 against the branch of the pull request; else origin/main, main, origin/master or master
#     bash ops/ci/verify.sh origin/v2       against this one
#
# HARDTACK           the command: hardtack, or an application's own, such as "target/debug/app db"
# HARDTACK_DIR       the folder of the revisions: migrations
# HARDTACK_COMMENT   where the comment is written: hardtack-comment.md among the temporary files
# HARDTACK_JUNIT     where a test report is written: nowhere
# DATABASE_URL       a server for the scratch database: a private one
#
# Exits with 0 where nothing fails, with 1 where something does, and with 2 where nobody can tell.
set -euo pipefail

read -ra hardtack <<<"${HARDTACK:-hardtack}"
comment=${HARDTACK_COMMENT:-${RUNNER_TEMP:-${TMPDIR:-/tmp}}/hardtack-comment.md}
target=${GITHUB_BASE_REF:-${CI_MERGE_REQUEST_TARGET_BRANCH_NAME:-}}
base=${1:-${target:+origin/$target}}

judge() { "${hardtack[@]}" verify --ci ${base:+--since "$base"} "$@"; }

# The log, which GitHub makes annotations of.
format=human
if [[ ${GITHUB_ACTIONS:-} == true ]]; then format=github; fi
code=0
errors=$(mktemp)
trap 'rm -f "$errors"' EXIT
judge --format "$format" 2>"$errors" || code=$?
cat "$errors" >&2

# The comment. By its first line a pipeline finds the one that it wrote before.
{
    echo '<!-- hardtack verify -->'
    if ((code > 1)); then
        printf '### Verification of migrations\n\n🔴 nobody can tell:\n\n'
        sed 's/^/    /' "$errors"
    else
        judge --format markdown 2>/dev/null || (($? == 1))
    fi
    printf '\n<sub>Mend what is red and push: this comment is then written anew. The same on your machine: <code>%s</code></sub>\n' \
        "git fetch && ${hardtack[*]} verify --ci${base:+ --since $base}"
} >"$comment"
if [[ ${GITHUB_STEP_SUMMARY:-} ]]; then cat "$comment" >>"$GITHUB_STEP_SUMMARY"; fi
echo "the comment is in $comment" >&2

if [[ ${HARDTACK_JUNIT:-} ]] && ((code < 2)); then
    judge --format junit --output "$HARDTACK_JUNIT" 2>/dev/null || (($? == 1))
fi
exit "$code"
