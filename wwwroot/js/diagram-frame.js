// Inside the frame that draws diagrams: see diagrams.js. It has no origin, no cookies, no network, and speaks with its page by messages alone.
const colour = value => typeof value === 'string' && CSS.supports('color', value) ? value : '#808080';

function colours({ dark, look = {} }) {
  const [text, quiet, line, surface, ground, accent] = [look.text, look.quiet, look.line, look.surface, look.ground, look.accent].map(colour);
  return {
    darkMode: Boolean(dark), background: surface, primaryColor: ground, primaryTextColor: text, primaryBorderColor: line, secondaryColor: ground, tertiaryColor: surface, lineColor: quiet, textColor: text,
    mainBkg: ground, nodeBorder: line, clusterBkg: surface, clusterBorder: line, edgeLabelBackground: surface, titleColor: text, actorBkg: ground, actorBorder: line, actorTextColor: text,
    signalColor: quiet, signalTextColor: text, noteBkgColor: ground, noteTextColor: text, noteBorderColor: accent, fontSize: '14px',
  };
}

addEventListener('message', async ({ source, data }) => {
  const answer = { id: data.id };
  try {
    mermaid.initialize({
      startOnLoad: false,
      securityLevel: 'strict',
      theme: 'base',
      themeVariables: colours(data),
      fontFamily: 'system-ui, sans-serif',
      htmlLabels: false,
      flowchart: { htmlLabels: false },
      suppressErrorRendering: true,
    });
    const { svg } = await mermaid.render(`diagram-${data.id}`, String(data.text));
    const element = new DOMParser().parseFromString(svg, 'text/html').querySelector('svg');
    const [, , width, height] = (element.getAttribute('viewBox') ?? '').split(/\s+/).map(Number);
    if (width && height) {
      element.setAttribute('width', width);
      element.setAttribute('height', height);
      Object.assign(answer, { width, height });
    }

    answer.svg = new XMLSerializer().serializeToString(element);
  } catch (error) {
    answer.error = String(error?.message ?? error);
  }

  source.postMessage(answer, '*');
});
parent.postMessage({ ready: true }, '*');
