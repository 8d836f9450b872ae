import { useRun } from './run';

/** The images of this host that the responses named. */
export function PicturesSection() {
  const pictures = useRun((state) => state.pictures);
  return (
    <section aria-labelledby="pictures-title">
      <h2 id="pictures-title">Pictures</h2>
      {!pictures.length && <p className="muted">Finished images appear here.</p>}
      <ul className="pictures">
        {pictures.map(({ url, label }, index) => (
          <li key={url}>
            <a href={url} target="_blank" rel="noreferrer" aria-label={`Open picture ${index + 1} in full size`}>
              <img src={url} alt={`Picture ${index + 1}${label && `, ${label}`}`} data-testid="picture" />
            </a>
            <span className="muted">{label}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}
