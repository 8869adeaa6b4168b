//! Fingerprints for the documents that were there before V13: a simhash of the extracted text, bit for bit as
//! the application computes it for new uploads.
//!
//! In Rust, because that function is Rust: word shingles of Unicode text, hashed with 64-bit FNV-1a. Without
//! a transaction, because it reads every document and must not hold back vacuum: a backfill, whose batches
//! commit one by one, and which goes on where a run was stopped.

use std::time::Duration;

use hardtack::prelude::*;

use super::schema::document_versions as versions;

/// Texts are long, and are in memory together.
const MOST_ROWS: u64 = 200;

/// Words in a shingle: enough to tell word order, few enough to survive small edits.
const SHINGLE: usize = 3;

#[hardtack::up(transaction = "none")]
async fn up(context: &mut Context<'_>) -> Result<()> {
    context
        .backfill::<versions::Row>("document-fingerprints")
        .filter("fingerprint is null and extracted_text is not null")
        .set(versions::FINGERPRINT, |version| version.extracted_text.as_deref().map(fingerprint))
        .most_rows(MOST_ROWS)
        .target(Duration::from_millis(200))
        .verify("select not exists (select from document_versions where fingerprint is null and extracted_text is not null)")
        .run()
        .await?;
    Ok(())
}

/// Clears the fingerprints; the program before this revision neither reads nor writes them.
#[hardtack::down(transaction = "none")]
async fn down(context: &mut Context<'_>) -> Result<()> {
    context
        .backfill::<versions::Row>("document-fingerprints")
        .filter("fingerprint is not null")
        .set_sql(versions::FINGERPRINT, "null")
        .run()
        .await?;
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
