use proc_macro2::{Span, TokenStream};
use quote::{format_ident, quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{Error, FnArg, ItemFn, ReturnType, Type};

/// Keeps the function, and adds the plain function that baked code points to.
pub(crate) fn expand(direction: &str, item: TokenStream) -> syn::Result<TokenStream> {
    let function: ItemFn = syn::parse2(item).map_err(|error| {
        Error::new(error.span(), format!("#[hardtack::{direction}] goes on an async function: {error}"))
    })?;
    check(direction, &function)?;
    let entry = format_ident!("__hardtack_{direction}");
    let name = &function.sig.ident;
    // Where the type of the result is wrong, the error points at what the author wrote.
    let call = quote_spanned!(result_span(&function) => ::std::boxed::Box::pin(#name(context)));
    Ok(quote! {
        #function

        #[doc(hidden)]
        pub fn #entry<'a>(
            context: &'a mut ::hardtack::Context<'_>,
        ) -> ::hardtack::revisions::BoxFuture<'a, ::hardtack::revisions::RevisionResult<()>> {
            #call
        }
    })
}

fn check(direction: &str, function: &ItemFn) -> syn::Result<()> {
    let wanted = format!("`async fn {direction}(context: &mut Context<'_>) -> Result<()>`");
    let refuse = |span: Span, what: &str| Err(Error::new(span, format!("{what}; write {wanted}")));
    let signature = &function.sig;
    if signature.asyncness.is_none() {
        return refuse(signature.fn_token.span(), "a Rust revision's function is async");
    }
    if !signature.generics.params.is_empty() {
        return refuse(signature.generics.span(), "a Rust revision's function is not generic");
    }
    let mut inputs = signature.inputs.iter();
    let (Some(first), None) = (inputs.next(), inputs.next()) else {
        return refuse(signature.paren_token.span.join(), "a Rust revision's function takes one argument");
    };
    if !is_mutable_reference(first) {
        return refuse(first.span(), "a Rust revision's function takes its context by mutable reference");
    }
    if matches!(signature.output, ReturnType::Default) {
        return refuse(signature.span(), "a Rust revision's function returns a result");
    }
    Ok(())
}

fn is_mutable_reference(argument: &FnArg) -> bool {
    let FnArg::Typed(argument) = argument else { return false };
    matches!(argument.ty.as_ref(), Type::Reference(reference) if reference.mutability.is_some())
}

fn result_span(function: &ItemFn) -> Span {
    match &function.sig.output {
        ReturnType::Default => function.sig.span(),
        ReturnType::Type(_, result) => result.span(),
    }
}
