// Inside the frame that draws diagrams: see diagrams.js. It has no origin, no cookies, no network, and speaks with its page by messages alone.
addEventListener('message', async ({ source, data }) => {
  const answer = { id: data.id };
  try {
    mermaid.initialize({
      startOnLoad: false,
      securityLevel: 'strict',
      theme: data.dark ? 'dark' : 'neutral',
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
