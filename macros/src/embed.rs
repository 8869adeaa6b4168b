use std::path::Path;

use proc_macro2::{Span, TokenStream};
use quote::quote;
use syn::{Error, Ident};

pub(crate) fn expand(input: TokenStream) -> syn::Result<TokenStream> {
    let name = if input.is_empty() {
        Ident::new("migrations", Span::call_site())
    } else {
        syn::parse2::<Ident>(input).map_err(|error| {
            Error::new(error.span(), "embed! takes nothing, or the name given to `bake_as`")
        })?
    };
    let file = format!("hardtack-{name}.rs");
    check_baked(&name, &file)?;
    let doc = format!(" The revisions that the build script baked as `{name}`.");
    let path = format!("/{file}");
    Ok(quote! {
        #[doc = #doc]
        // An application need not use every constant that is baked.
        #[allow(dead_code, unreachable_pub)]
        pub mod #name {
            include!(concat!(env!("OUT_DIR"), #path));
        }
    })
}

/// Without this, a forgotten build script is an error about an environment variable nobody has heard of.
fn check_baked(name: &Ident, file: &str) -> syn::Result<()> {
    let call = if name == "migrations" {
        "hardtack_build::bake(\"migrations\")".to_owned()
    } else {
        format!("hardtack_build::bake_as(\"FOLDER\", \"{name}\")")
    };
    let Ok(folder) = std::env::var("OUT_DIR") else {
        let message = format!(
            "nothing is baked: this package has no build script\nhelp: add `hardtack-build` to \
             [build-dependencies] and a build.rs with `fn main() {{ {call}; }}`"
        );
        return Err(Error::new(Span::call_site(), message));
    };
    if !Path::new(&folder).join(file).exists() {
        let message = format!("nothing is baked as `{name}`\nhelp: let build.rs call `{call}`");
        return Err(Error::new(Span::call_site(), message));
    }
    Ok(())
}
