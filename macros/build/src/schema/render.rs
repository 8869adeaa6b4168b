use std::collections::BTreeSet;

use super::catalog::{Catalog, Key, Mapped, Named, Namespace, ROOT, Table, Type, fields, variants};
use super::naming::ident;
use super::snapshot::Column;

/// The `schema` module with the tables and types that those words name, and the types that these need.
pub(crate) fn render(catalog: &Catalog<'_>, file: &str, words: &BTreeSet<String>) -> String {
    let wanted = Wanted::of(catalog, words);
    let doc = format!("What the file of this revision names of the database as it finds it, from `{file}`.");
    let mut text = format!("    ::hardtack::__schema! {{ {doc:?}\n");
    for (schema, namespace) in &catalog.schemas {
        let items = items(catalog, schema, namespace, &wanted);
        match &namespace.module {
            Some(_) if items.is_empty() => {}
            Some(module) => text += &format!("    pub mod {} {{\n{items}    }}\n", ident(module)),
            None => text += &items,
        }
    }
    text + "    }\n"
}

/// What is rendered.
#[derive(Default)]
struct Wanted<'a> {
    tables: BTreeSet<Key<'a>>,
    types: BTreeSet<Key<'a>>,
}

impl<'a> Wanted<'a> {
    fn of(catalog: &Catalog<'a>, words: &BTreeSet<String>) -> Self {
        let mut wanted = Self::default();
        for (&schema, Namespace { tables, types, .. }) in &catalog.schemas {
            for (&name, table) in tables.iter().filter(|(_, table)| words.contains(&ident(&table.rust))) {
                wanted.tables.insert((schema, name));
                table.item.columns.iter().for_each(|(_, column)| wanted.add_types_of(catalog, &column.ty));
            }
            for (&name, _) in types.iter().filter(|(_, ty)| words.contains(&ident(&ty.rust))) {
                wanted.add_type(catalog, (schema, name));
            }
        }
        wanted
    }

    fn add_types_of(&mut self, catalog: &Catalog<'a>, ty: &str) {
        if let Mapped { own: Some(key), .. } = catalog.map(ty) {
            self.add_type(catalog, key);
        }
    }

    fn add_type(&mut self, catalog: &Catalog<'a>, key: Key<'a>) {
        if !self.types.insert(key) {
            return;
        }
        if let Type::Composite(attributes) = catalog.schemas[key.0].types[key.1].item {
            attributes.iter().for_each(|attribute| self.add_types_of(catalog, &attribute.ty));
        }
    }
}

fn items(catalog: &Catalog<'_>, schema: &str, namespace: &Namespace<'_>, wanted: &Wanted<'_>) -> String {
    let (here, inside) =
        if namespace.module.is_some() { ("super::", "super::super::") } else { ("self::", "super::") };
    let mut text = String::new();
    for (name, Named { rust, item }) in &namespace.types {
        if wanted.types.contains(&(schema, *name)) {
            text += &match item {
                Type::Enum(labels) => enumeration(name, rust, labels),
                Type::Composite(attributes) => composite(catalog, name, rust, attributes, here),
            };
        }
    }
    for (name, Named { rust, item }) in &namespace.tables {
        if wanted.tables.contains(&(schema, *name)) {
            let qualified = format!("{}.{}", quoted(schema), quoted(name));
            text += &table(catalog, &qualified, rust, item, inside);
        }
    }
    text
}

fn table(catalog: &Catalog<'_>, name: &str, rust: &str, table: &Table<'_>, root: &str) -> String {
    let Table { columns, is_view } = table;
    let mut text = format!("    ::hardtack::__table! {{ {} {name:?};\n", ident(rust));
    let fields = fields(columns.iter().map(|(_, column)| column.name.as_str()));
    for ((_, Column { name, ty, not_null, .. }), (field, constant)) in columns.iter().zip(fields) {
        let mapped = catalog.map(ty);
        let is_filled = !is_view && (*not_null || mapped.not_null);
        let doc = if *not_null { format!("{ty} not null") } else { ty.clone() };
        let ty = if is_filled { path(&mapped, root) } else { optional(&mapped, root) };
        let (field, constant, name) = (ident(&field), ident(&constant), quoted(name));
        text += &format!("    {field} {constant} {name:?} {doc:?} {ty},\n");
    }
    text + "    }\n"
}

fn composite(catalog: &Catalog<'_>, name: &str, rust: &str, attributes: &[Column], root: &str) -> String {
    let mut text = format!("    ::hardtack::__composite! {{ {} {name:?};\n", ident(rust));
    let fields = fields(attributes.iter().map(|attribute| attribute.name.as_str()));
    for (Column { name, ty: doc, .. }, (field, _)) in attributes.iter().zip(fields) {
        let ty = optional(&catalog.map(doc), root);
        text += &format!("    {} {name:?} {doc:?} {ty},\n", ident(&field));
    }
    text + "    }\n"
}

fn enumeration(name: &str, rust: &str, labels: &[String]) -> String {
    let mut text = format!("    ::hardtack::__enum! {{ {} {name:?};\n", ident(rust));
    for (label, variant) in labels.iter().zip(variants(labels)) {
        text += &format!("    {} {label:?},\n", ident(&variant));
    }
    text + "    }\n"
}

fn path(Mapped { path, .. }: &Mapped<'_>, root: &str) -> String {
    path.replace(ROOT, root)
}

fn optional(mapped: &Mapped<'_>, root: &str) -> String {
    format!("::core::option::Option<{}>", path(mapped, root))
}

fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::snapshot::Snapshot;

    /// The text for a file of those words, without its first and last line.
    fn rendered(objects: &str, words: &str) -> String {
        let text = format!("{{\"hardtack\":1,\"history\":\"\",\"objects\":[{objects}]}}");
        let snapshot = Snapshot::read(&text).unwrap();
        let words = words.split(' ').map(str::to_owned).collect();
        let text = render(&Catalog::of(&snapshot.objects), "x.json", &words);
        let body = text.strip_prefix(
            "    ::hardtack::__schema! { \"What the file of this revision names of the database as it finds it, from \
             `x.json`.\"\n",
        );
        body.and_then(|body| body.strip_suffix("    }\n")).unwrap().to_owned()
    }

    fn column(schema: &str, table: &str, name: &str, position: i64, definition: &str) -> String {
        format!(
            r#",{{"kind":"column","schema":"{schema}","name":"{table}","part":"{name}","position":{position},"definition":{{{definition}}}}}"#
        )
    }

    #[test]
    fn a_table_with_what_it_needs() {
        let objects = r#"{"kind":"enum","schema":"app","name":"plan","definition":{"labels":["free","on-trial"]}},
            {"kind":"enum","schema":"public","name":"other","definition":{"labels":["a"]}},
            {"kind":"domain","schema":"public","name":"tier","definition":{"type":"app.plan","not_null":true}},
            {"kind":"composite type","schema":"public","name":"limits","definition":{"attributes":[
                {"name":"plan","type":"app.plan"},{"name":"type","type":"numeric(10,2)"}]}},
            {"kind":"table","schema":"public","name":"accounts","definition":{}},
            {"kind":"table","schema":"public","name":"users","definition":{}}"#
            .to_owned()
            + &column("public", "accounts", "limits", 3, r#""type":"public.limits[]""#)
            + &column("public", "accounts", "id", 1, r#""type":"bigint","not_null":true"#)
            + &column("public", "accounts", "tier", 2, r#""type":"public.tier""#)
            + &column("public", "accounts", "new", 4, r#""type":"text","not_null":true,"not_null_not_valid":true"#);
        let expected = r#"    pub mod app {
    ::hardtack::__enum! { Plan "plan";
    Free "free",
    OnTrial "on-trial",
    }
    }
    ::hardtack::__composite! { Limits "limits";
    plan "plan" "app.plan" ::core::option::Option<self::app::Plan>,
    r#type "type" "numeric(10,2)" ::core::option::Option<::hardtack::types::Numeric>,
    }
    ::hardtack::__table! { accounts "\"public\".\"accounts\"";
    id ID "\"id\"" "bigint not null" i64,
    tier TIER "\"tier\"" "public.tier" super::app::Plan,
    limits LIMITS "\"limits\"" "public.limits[]" ::core::option::Option<::std::vec::Vec<::core::option::Option<super::Limits>>>,
    new NEW "\"new\"" "text" ::core::option::Option<::std::string::String>,
    }
"#;
        assert_eq!(rendered(&objects, "super schema accounts"), expected);
        assert_eq!(rendered(&objects, "super schema"), "");
        assert!(rendered(&objects, "Other").contains("__enum! { Other "));
    }

    #[test]
    fn names_that_become_one_are_told_apart() {
        let objects = r#"{"kind":"table","schema":"public","name":"Foo","definition":{}},
            {"kind":"table","schema":"public","name":"billing","definition":{}},
            {"kind":"table","schema":"billing","name":"foo","definition":{}},
            {"kind":"table","schema":"public","name":"foo","definition":{}}"#
            .to_owned()
            + &column("public", "Foo", "A B", 1, r#""type":"text""#)
            + &column("public", "Foo", "a_b", 2, r#""type":"text""#);
        let text = rendered(&objects, "foo foo_2 billing billing_2");
        assert!(text.contains("__table! { foo \"\\\"public\\\".\\\"foo\\\"\";"), "{text}");
        assert!(
            text.contains(
                "__table! { foo_2 \"\\\"public\\\".\\\"Foo\\\"\";\n    a_b_2 A_B_2 \"\\\"A B\\\"\""
            ),
            "{text}"
        );
        assert!(text.contains("__table! { billing "), "{text}");
        assert!(
            text.contains(
                "pub mod billing_2 {\n    ::hardtack::__table! { foo \"\\\"billing\\\".\\\"foo\\\"\";"
            ),
            "{text}"
        );
    }

    #[test]
    fn nothing_keeps_nulls_out_of_a_view_or_an_attribute() {
        let objects = r#"{"kind":"domain","schema":"public","name":"d","definition":{"type":"text","not_null":true}},
            {"kind":"materialized view","schema":"public","name":"v","definition":{"query":"x","columns":[
                {"name":"b","type":"public.d"},{"name":"a","type":"integer","not_null":true}]}},
            {"kind":"composite type","schema":"public","name":"c","definition":{"attributes":[{"name":"d","type":"public.d"}]}}"#;
        let text = rendered(objects, "v C");
        assert!(text.contains(
            "    b B \"\\\"b\\\"\" \"public.d\" ::core::option::Option<::std::string::String>,\n    a A"
        ));
        assert!(text.contains("::core::option::Option<i32>,"), "{text}");
        assert!(
            text.contains("    d \"d\" \"public.d\" ::core::option::Option<::std::string::String>,"),
            "{text}"
        );
    }
}
