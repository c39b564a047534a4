//! `ecos`, the one binary.

use std::process::ExitCode;

use clap::Parser as _;

/// The site, as `frontend/bundle` has written it.
mod site {
    include!(env!("ECOS_ASSETS"));
}

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let cli = server::cli::Cli::parse();
    server::http::serve_files(site::FILES);
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!("ecos: {error}");
            return ExitCode::FAILURE;
        }
    };
    let code = runtime.block_on(cli.run()).unwrap_or_else(|error| {
        // One line, with its causes.
        eprintln!("ecos: {error:#}");
        ExitCode::FAILURE
    });
    // What was not drained in time is not waited for.
    runtime.shutdown_background();
    code
}
