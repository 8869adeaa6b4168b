use proc_macro2::{Span, TokenStream};
use quote::{format_ident, quote, quote_spanned};
use syn::ext::IdentExt;
use syn::spanned::Spanned;
use syn::{Error, FnArg, Ident, ItemFn, ReturnType, Type};

/// What a function has to look like.
#[derive(Clone, Copy)]
pub(crate) enum Shape {
    /// An up, a down or a hook: the name of its attribute.
    Step(&'static str),
    Check,
}

/// Keeps the function, and adds the plain function that baked code points to.
pub(crate) fn expand(shape: Shape, item: TokenStream) -> syn::Result<TokenStream> {
    let function: ItemFn = syn::parse2(item).map_err(|error| {
        let attribute = shape.attribute();
        Error::new(error.span(), format!("#[hardtack::{attribute}] goes on an async function: {error}"))
    })?;
    check(shape, &function)?;
    let name = &function.sig.ident;
    let (entry, context, result) = match shape {
        Shape::Step(attribute) => {
            (format_ident!("__hardtack_{attribute}"), quote!(&'a mut ::hardtack::Context<'_>), quote!(()))
        }
        Shape::Check => (
            format_ident!("__hardtack_check_{}", name.unraw()),
            quote!(&'a ::hardtack::Context<'_>),
            quote!(::hardtack::Check),
        ),
    };
    // Where the type of the result is wrong, the error points at what the author wrote.
    let call = quote_spanned!(result_span(&function) => ::std::boxed::Box::pin(#name(context)));
    Ok(quote! {
        #function

        #[doc(hidden)]
        pub fn #entry<'a>(
            context: #context,
        ) -> ::hardtack::revisions::BoxFuture<'a, ::hardtack::revisions::RevisionResult<#result>> {
            #call
        }
    })
}

impl Shape {
    fn attribute(self) -> &'static str {
        match self {
            Self::Step(attribute) => attribute,
            Self::Check => "check",
        }
    }

    /// Whose function it is.
    fn owner(self) -> &'static str {
        match self {
            Self::Step("before" | "after") => "a hook's",
            Self::Step("backfill") => "a deferred backfill's",
            Self::Step(_) => "a Rust revision's",
            Self::Check => "a check's",
        }
    }

    /// The signature to write.
    fn wanted(self, name: &Ident) -> String {
        match self {
            Self::Step(attribute) if self.owner() == "a Rust revision's" => {
                format!("`async fn {attribute}(context: &mut Context<'_>) -> Result<()>`")
            }
            Self::Step(_) => format!("`async fn {name}(context: &mut Context<'_>) -> Result<()>`"),
            Self::Check => format!("`async fn {name}(context: &Context<'_>) -> Result<Check>`"),
        }
    }
}

fn check(shape: Shape, function: &ItemFn) -> syn::Result<()> {
    let (owner, wanted) = (shape.owner(), shape.wanted(&function.sig.ident));
    let refuse =
        |span: Span, what: &str| Err(Error::new(span, format!("{owner} function {what}; write {wanted}")));
    let signature = &function.sig;
    if signature.asyncness.is_none() {
        return refuse(signature.fn_token.span(), "is async");
    }
    if !signature.generics.params.is_empty() {
        return refuse(signature.generics.span(), "is not generic");
    }
    let mut inputs = signature.inputs.iter();
    let (Some(first), None) = (inputs.next(), inputs.next()) else {
        return refuse(signature.paren_token.span.join(), "takes one argument");
    };
    match (shape, mutability(first)) {
        (Shape::Step(_), Some(true)) | (Shape::Check, Some(false)) => {}
        (Shape::Step(_), _) => return refuse(first.span(), "takes its context by mutable reference"),
        (Shape::Check, _) => return refuse(first.span(), "takes its context by shared reference"),
    }
    if matches!(signature.output, ReturnType::Default) {
        return refuse(signature.span(), "returns a result");
    }
    Ok(())
}

/// Whether an argument is a mutable reference; none where it is no reference.
fn mutability(argument: &FnArg) -> Option<bool> {
    let FnArg::Typed(argument) = argument else { return None };
    match argument.ty.as_ref() {
        Type::Reference(reference) => Some(reference.mutability.is_some()),
        _ => None,
    }
}

fn result_span(function: &ItemFn) -> Span {
    match &function.sig.output {
        ReturnType::Default => function.sig.span(),
        ReturnType::Type(_, result) => result.span(),
    }
}
