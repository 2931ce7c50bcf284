"""`course demo`."""

import asyncio
import webbrowser

import click


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Others on the network can come in with 0.0.0.0.")
@click.option("--port", default=8866, show_default=True, type=click.IntRange(0, 65535), help="0 for any free one.")
@click.option("--no-browser", is_flag=True, help="Only serve the page.")
def demo(host: str, port: int, no_browser: bool) -> None:
    """Open a page that says how many kilocalories lie on a plate: one of the course's, or your own photo."""
    click.echo("Loading the model and weighing 720 photos ...")
    from course_utils.demo.analysis import Analyst
    from course_utils.demo.server import serve

    analyst = Analyst()

    async def run() -> None:
        name = f"[{host}]" if ":" in host else host
        address = f"http://{name}:{await serve(analyst, host, port)}/"
        click.echo(f"{address} (stop with Ctrl-C)")
        if not no_browser:
            webbrowser.open(address)
        await asyncio.Event().wait()

    try:
        asyncio.run(run())
    except KeyboardInterrupt:
        click.echo()
