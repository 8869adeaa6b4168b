//! Bakes the recipes, each a folder of revisions.

const RECIPES: [&str; 10] = [
    "split_column",
    "merge_tables",
    "reencrypt",
    "normalise",
    "dedupe",
    "key_type",
    "json_to_columns",
    "enum_change",
    "tenant_split",
    "timestamptz",
];

fn main() {
    for recipe in RECIPES {
        hardtack_build::bake_as(recipe, recipe);
    }
}
