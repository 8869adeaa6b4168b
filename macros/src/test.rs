use proc_macro2::TokenStream;
use quote::quote;
use syn::parse::{Parse, ParseStream};
use syn::punctuated::Punctuated;
use syn::{Error, Ident, ItemFn, LitInt, LitStr, Path, Token};

/// `crate::migrations::REVISIONS, at = 6, fixtures("accounts.sql", crate::orders), migrator = crate::configured`
struct Arguments {
    revisions: Path,
    at: Option<LitInt>,
    fixtures: Vec<Fixture>,
    migrator: Option<Path>,
}

enum Fixture {
    File(LitStr),
    Function(Path),
}

/// A plain test around the function, which gets a database.
pub(crate) fn expand(arguments: TokenStream, item: TokenStream) -> syn::Result<TokenStream> {
    let Arguments { revisions, at, fixtures, migrator } = syn::parse2(arguments)?;
    let function: ItemFn = syn::parse2(item)?;
    let (name, output) = (&function.sig.ident, &function.sig.output);
    if function.sig.asyncness.is_none()
        || function.sig.inputs.len() != 1
        || !function.sig.generics.params.is_empty()
    {
        let message = format!(
            "#[hardtack::test] goes on an async function with one argument; write `async fn {name}(db: hardtack::testing::TestDatabase)`"
        );
        return Err(Error::new_spanned(&function.sig, message));
    }
    let (attributes, inputs, block) = (&function.attrs, &function.sig.inputs, &function.block);
    let at = at.map(|version| quote!(.at(#version)));
    let migrator = migrator.map(|path| {
        let told = quote!(#path).to_string();
        quote!(.migrator(::core::concat!(::core::module_path!(), " ", #told), #path))
    });
    let fixtures = fixtures.iter().map(|fixture| match fixture {
        Fixture::File(file) => quote!(.fixture(::hardtack::testing::Fixture::Sql {
            name: #file,
            text: ::core::include_str!(#file),
        })),
        Fixture::Function(path) => quote!(.fixture(::hardtack::testing::Fixture::Rust(
            |database| ::std::boxed::Box::pin(#path(database)),
        ))),
    });
    Ok(quote! {
        #[::core::prelude::v1::test]
        #(#attributes)*
        fn #name() #output {
            async fn test(#inputs) #output #block
            ::hardtack::testing::run(&::hardtack::testing::Setup::new(&#revisions) #at #migrator #(#fixtures)*, test)
        }
    })
}

impl Parse for Arguments {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let wanted = "name the revisions first: #[hardtack::test(crate::migrations::REVISIONS)]";
        let revisions = input.parse().map_err(|error| Error::new(error.span(), wanted))?;
        let mut arguments = Self { revisions, at: None, fixtures: Vec::new(), migrator: None };
        while !input.is_empty() {
            input.parse::<Token![,]>()?;
            if !input.is_empty() {
                arguments.take(input)?;
            }
        }
        Ok(arguments)
    }
}

impl Arguments {
    fn take(&mut self, input: ParseStream<'_>) -> syn::Result<()> {
        let name: Ident = input.parse()?;
        match name.to_string().as_str() {
            "at" => {
                input.parse::<Token![=]>()?;
                self.at = Some(input.parse()?);
            }
            "migrator" => {
                input.parse::<Token![=]>()?;
                self.migrator = Some(input.parse()?);
            }
            "fixtures" => {
                let listed;
                syn::parenthesized!(listed in input);
                self.fixtures.extend(Punctuated::<Fixture, Token![,]>::parse_terminated(&listed)?);
            }
            _ => {
                let message = "write `at = 6`, `fixtures(\"accounts.sql\", crate::orders)` or `migrator = crate::configured`";
                return Err(Error::new(name.span(), message));
            }
        }
        Ok(())
    }
}

impl Parse for Fixture {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        if input.peek(LitStr) { input.parse().map(Self::File) } else { input.parse().map(Self::Function) }
    }
}
