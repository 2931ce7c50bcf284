"""`course demo`."""

import asyncio
import webbrowser

import click


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Others on the network can come in with 0.0.0.0.")
@click.option("--port", default=8866, show_default=True, type=click.IntRange(0, 65535), help="0 for any free one.")
@click.option("--language", "code", default="en", show_default=True, help="In which the page opens: en, or id.")
@click.option("--no-browser", is_flag=True, help="Only serve the page.")
def demo(host: str, port: int, code: str, no_browser: bool) -> None:
    """Open a page that says how many kilocalories lie on a plate: one of the course's, or your own photo."""
    from course_utils.translation.current import speaking
    from course_utils.translation.language import Language

    with speaking(Language(code).code):
        _serve(host, port, no_browser)


def _serve(host: str, port: int, no_browser: bool) -> None:
    """Load the model, open the page in the language that is spoken, and answer until Ctrl-C."""
    from course_utils.translation.say import _

    click.echo(_("Loading the model and weighing 720 photos ..."))
    from course_utils.demo.analysis import Analyst
    from course_utils.demo.server import serve
    from course_utils.translation.current import spoken

    analyst = Analyst()

    async def run() -> None:
        name = f"[{host}]" if ":" in host else host
        address = f"http://{name}:{await serve(analyst, host, port, spoken())}/"
        click.echo(_("{address} (stop with Ctrl-C)").format(address=address))
        if not no_browser:
            webbrowser.open(address)
        await asyncio.Event().wait()

    try:
        asyncio.run(run())
    except KeyboardInterrupt:
        click.echo()
