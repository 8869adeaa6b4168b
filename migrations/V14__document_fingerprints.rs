//! Fingerprints for the documents that were there before V13: a simhash of the extracted text, bit for bit as
//! the application computes it for new uploads.
//!
//! In Rust, because that function is Rust: word shingles of Unicode text, hashed with 64-bit FNV-1a. Without
//! a transaction, because it reads every document and must not hold back vacuum; each batch commits on its
//! own, and a run that was stopped goes on where it was.

use hardtack::prelude::*;

use super::schema::document_versions as versions;

const BATCH: i64 = 200;

/// Words in a shingle: enough to tell word order, few enough to survive small edits.
const SHINGLE: usize = 3;

#[hardtack::up(transaction = "none")]
async fn up(context: &mut Context<'_>) -> Result<()> {
    let mut after = i64::MIN;
    loop {
        stop_if_requested(context)?;
        let versions = page(context, after).await?;
        let Some(&(last, _)) = versions.last() else { return Ok(()) };
        after = last;
        write(context, &versions).await?;
    }
}

/// Clears the fingerprints; the program before this revision neither reads nor writes them.
#[hardtack::down(transaction = "none")]
async fn down(context: &mut Context<'_>) -> Result<()> {
    let statement = "with batch as ( \
                         select id from document_versions \
                         where id > $1 and fingerprint is not null order by id limit $2 \
                     ), cleared as ( \
                         update document_versions set fingerprint = null \
                         from batch where document_versions.id = batch.id \
                     ) \
                     select max(id) from batch";
    let mut after = i64::MIN;
    loop {
        stop_if_requested(context)?;
        let last: Option<i64> = context.query_one(statement, &[&after, &BATCH]).await?.try_get(0)?;
        let Some(last) = last else { return Ok(()) };
        after = last;
    }
}

fn stop_if_requested(context: &Context<'_>) -> Result<()> {
    if context.stop().is_requested() {
        return Err("stopped on request between batches; run again to go on".into());
    }
    Ok(())
}

/// The next versions that have a text and no fingerprint yet, with the fingerprints.
async fn page(context: &Context<'_>, after: i64) -> Result<Vec<(i64, i64)>> {
    let columns = (versions::ID, versions::EXTRACTED_TEXT);
    let next = "where id > $1 and fingerprint is null and extracted_text is not null order by id limit $2";
    let texts = context.columns(columns, next, &[&after, &BATCH]).await?;
    Ok(texts.into_iter().filter_map(|(id, text)| Some((id, fingerprint(&text?)))).collect())
}

async fn write(context: &Context<'_>, versions: &[(i64, i64)]) -> Result<()> {
    let (ids, fingerprints): (Vec<i64>, Vec<i64>) = versions.iter().copied().unzip();
    let statement = "update document_versions set fingerprint = batch.fingerprint \
                     from unnest($1::bigint[], $2::bigint[]) as batch (id, fingerprint) \
                     where document_versions.id = batch.id and document_versions.fingerprint is null";
    context.execute(statement, &[&ids, &fingerprints]).await?;
    Ok(())
}

/// Every shingle votes on every bit; alike texts differ in few bits. PostgreSQL has no unsigned integers, so
/// the 64 bits are stored as they are in a `bigint`. A text without words has fingerprint 0.
fn fingerprint(text: &str) -> i64 {
    let words: Vec<String> = text
        .split(|character: char| !character.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_lowercase)
        .collect();
    let mut votes = [0_i64; 64];
    for shingle in words.windows(SHINGLE.min(words.len()).max(1)) {
        let hash = fnv1a(shingle);
        for (bit, vote) in votes.iter_mut().enumerate() {
            *vote += if hash >> bit & 1 == 1 { 1 } else { -1 };
        }
    }
    votes.iter().enumerate().fold(0, |bits, (bit, &vote)| bits | i64::from(vote > 0) << bit)
}

fn fnv1a(words: &[String]) -> u64 {
    let bytes = words.iter().flat_map(|word| word.bytes().chain([b' ']));
    bytes.fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}
