use crate::safety::LockMode;

/// Whether one session has to wait for another's lock, as the manual's table has it.
pub(super) fn conflicts(one: LockMode, other: LockMode) -> bool {
    let (weak, strong) = (one.min(other), one.max(other));
    match weak {
        LockMode::AccessShare => strong == LockMode::AccessExclusive,
        LockMode::RowShare => strong >= LockMode::Exclusive,
        LockMode::RowExclusive => strong >= LockMode::Share,
        LockMode::Share => strong != LockMode::Share,
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The manual's table, a row a mode, in the order of the modes.
    #[test]
    fn the_table_of_the_manual() {
        let table =
            [".......X", "......XX", "....XXXX", "...XXXXX", "..XX.XXX", "..XXXXXX", ".XXXXXXX", "XXXXXXXX"];
        for (one, row) in LockMode::ALL.into_iter().zip(table) {
            let found: String =
                LockMode::ALL.map(|other| if conflicts(one, other) { 'X' } else { '.' }).iter().collect();
            assert_eq!(found, row, "{one}");
        }
    }
}
