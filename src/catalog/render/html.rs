use super::Comparison;
impl Comparison<'_> {
    /// x
    pub fn html(&self) -> String {
        self.definitions(&crate::catalog::ObjectId::new(crate::catalog::Kind::Table, "public", "x")).0
    }
}
