//! Reads total and currency of the payments that were there before.
//!
//! Ten years of writers have put them into the payload in every way. What this cannot read stays as it is, and stands in
//! `hardtack.backfill_reject` with the reason.

use std::time::Duration;

use hardtack::prelude::*;
use hardtack::types::serde_json::Value;

use super::schema::payments;

#[hardtack::up(transaction = "none")]
async fn up(context: &mut Context<'_>) -> Result<()> {
    context
        .backfill::<payments::Row>("payloads")
        .filter("total_cents is null and payload ?| array['total', 'currency']")
        .try_set(payments::TOTAL_CENTS, |payment| cents(payment.payload.get("total")))
        .try_set(payments::CURRENCY, |payment| currency(payment.payload.get("currency")))
        .skip(1_000)
        .target(Duration::from_millis(200))
        .run()
        .await?;
    Ok(())
}

/// Does nothing: the down of V2 drops the columns.
#[hardtack::down]
async fn down(_context: &mut Context<'_>) -> Result<()> {
    Ok(())
}

/// Cents of an amount with at most two decimals, which may be a number or a text. No key and a JSON null are no amount.
fn cents(amount: Option<&Value>) -> Result<Option<i64>> {
    let text = match amount {
        None | Some(Value::Null) => return Ok(None),
        Some(Value::Number(number)) => number.to_string(),
        Some(Value::String(text)) => text.trim().to_owned(),
        Some(other) => return Err(format!("{other} is no amount").into()),
    };
    let (units, decimals) = text.split_once('.').unwrap_or((&text, ""));
    let digits = units.strip_prefix('-').unwrap_or(units);
    let all_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if digits.is_empty() || decimals.len() > 2 || !all_digits(digits) || !all_digits(decimals) {
        return Err(format!("{text:?} is no amount").into());
    }
    Ok(Some(format!("{units}{decimals:0<2}").parse()?))
}

fn currency(code: Option<&Value>) -> Result<Option<String>> {
    match code {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(code)) => Ok(Some(code.trim().to_uppercase()).filter(|code| !code.is_empty())),
        Some(other) => Err(format!("{other} is no currency").into()),
    }
}
