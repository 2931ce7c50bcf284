// Three things that JupyterLab cannot be set to do. It loads this file as it would load a built plug-in: a container that is
// given the modules all plug-ins share, and hands out its own.
(() => {
  "use strict";

  const STUB = "...  # your answer here";
  const shared = {};

  // JupyterLab shows a picture without the alternative text that stands in its metadata. All else is as JupyterLab does it.
  function pictures() {
    class Picture extends shared["@lumino/widgets"].Widget {
      constructor(mimeType) {
        super();
        this.mimeType = mimeType;
        this.addClass("jp-RenderedImage");
      }

      async renderModel(model) {
        const facts = model.metadata[this.mimeType] || {};
        const image = document.createElement("img");
        image.alt = facts.alt || "";
        image.src = `data:${this.mimeType};base64,${model.data[this.mimeType]}`;
        if (facts.width) image.width = facts.width;
        if (facts.height) image.height = facts.height;
        if (facts.unconfined) image.classList.add("jp-mod-unconfined");
        this.node.replaceChildren(image);
      }
    }
    const rendererFactory = {
      safe: true,
      mimeTypes: ["image/png", "image/jpeg"],
      createRenderer: (options) => new Picture(options.mimeType),
    };
    return { id: "course-lab:pictures", rendererFactory, rank: 80, dataType: "string" };
  }

  // Whoever opens a solved edition hears which of its exercises have no answer of their own yet.
  function solved() {
    const { INotebookTracker } = shared["@jupyterlab/notebook"];
    const { Notification } = shared["@jupyterlab/apputils"];

    async function tell(contents, path) {
      const notebook = await contents.get(path).catch(() => null);
      const open = (notebook?.content.cells ?? [])
        .filter((cell) => cell.metadata.course?.exercise && [cell.source].flat().join("").includes(STUB))
        .map((cell) => cell.metadata.course.exercise);
      if (open.length) {
        const words = `Not tried yet: ${open.join(", ")}. A try of your own teaches more than the answer, even a wrong one.`;
        Notification.info(words, { autoClose: 10000 });
      }
    }

    function activate(app, tracker) {
      tracker.widgetAdded.connect((_, panel) => {
        const own = panel.context.path.replace(/(^|\/)solutions\/(\d\d_\w+\.ipynb)$/, "$1notebooks/$2");
        if (own !== panel.context.path) tell(app.serviceManager.contents, own);
      });
    }
    return { id: "course-lab:solved", autoStart: true, requires: [INotebookTracker], activate };
  }

  // The names of the lessons fit the file browser.
  const style = document.createElement("style");
  style.textContent = "#jp-left-stack { min-width: min(300px, 50vw) !important; }";
  document.head.append(style);

  const plugins = { "./pictures": pictures, "./solved": solved };
  window._JUPYTERLAB = window._JUPYTERLAB || {};
  window._JUPYTERLAB["course-lab"] = {
    async init(scope) {
      for (const name of ["@lumino/widgets", "@jupyterlab/notebook", "@jupyterlab/apputils"]) {
        const [version] = Object.values(scope[name]);
        shared[name] = (await version.get())();
      }
    },
    async get(name) {
      const plugin = plugins[name]();
      return () => plugin;
    },
  };
})();
