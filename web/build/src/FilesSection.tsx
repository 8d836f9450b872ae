import { useGraphiQL } from '@graphiql/react';
import { getOperationAST } from 'graphql';
import type { DragEvent } from 'react';
import { useRef, useState } from 'react';
import type { BoundFile } from './files';
import { addFiles, bindFile, removeFile, useFiles } from './files';
import { uploadPaths } from './uploads';

/** Picks files and binds each to a variable of the operation in the editor. */
export function FilesSection() {
  const files = useFiles((state) => state.files);
  const paths = useUploadPaths();
  const picker = useRef<HTMLInputElement>(null);
  const [over, setOver] = useState(false);
  const free = paths.length ? paths : ['image'];

  function drop(event: DragEvent) {
    event.preventDefault();
    setOver(false);
    addFiles(event.dataTransfer.files, free);
  }

  return (
    <section aria-labelledby="files-title">
      <h2 id="files-title">Files</h2>
      <div
        className={over ? 'drop over' : 'drop'}
        onDragOver={(event) => {
          event.preventDefault();
          setOver(true);
        }}
        onDragLeave={() => setOver(false)}
        onDrop={drop}
      >
        <button type="button" data-testid="files-choose" onClick={() => picker.current?.click()}>
          Choose a photo…
        </button>
        <span>or drop it here</span>
        <input
          ref={picker}
          type="file"
          multiple
          hidden
          aria-label="Files to send"
          data-testid="files-input"
          onChange={(event) => {
            addFiles(event.target.files ?? [], free);
            event.target.value = '';
          }}
        />
      </div>
      <ul className="files">
        {files.map((bound) => (
          <FileRow key={bound.key} bound={bound} paths={paths} />
        ))}
      </ul>
      <datalist id="upload-paths">
        {paths.map((path) => (
          <option key={path} value={path} />
        ))}
      </datalist>
    </section>
  );
}

function FileRow({ bound, paths }: { bound: BoundFile; paths: string[] }) {
  const { key, file, path, preview } = bound;
  return (
    <li data-testid="bound-file" data-path={path}>
      {preview ? <img src={preview} alt="" /> : <span className="blank" aria-hidden="true" />}
      <div>
        <strong title={file.name}>{file.name}</strong>
        <span className="muted">{sizeOf(file.size)}</span>
        <label>
          sent as $
          <input
            value={path}
            list="upload-paths"
            spellCheck={false}
            placeholder="variable"
            aria-label={`Variable for ${file.name}`}
            data-testid="bound-file-path"
            onChange={(event) => bindFile(key, event.target.value.trim())}
          />
        </label>
        {paths.length > 0 && !paths.includes(path) && (
          <span className="muted">This operation takes a file as ${paths[0]}.</span>
        )}
      </div>
      <button
        type="button"
        className="quiet"
        aria-label={`Remove ${file.name}`}
        data-testid="bound-file-remove"
        onClick={() => removeFile(key)}
      >
        ✕
      </button>
    </li>
  );
}

function useUploadPaths(): string[] {
  const { schema, documentAST, operationName } = useGraphiQL((state) => ({
    schema: state.schema,
    documentAST: state.documentAST,
    operationName: state.operationName,
  }));
  if (!schema || !documentAST) return [];
  const operation = getOperationAST(documentAST, operationName) ?? getOperationAST(documentAST);
  return operation ? uploadPaths(schema, operation) : [];
}

function sizeOf(bytes: number): string {
  return bytes < 1e6 ? `${Math.ceil(bytes / 1e3)} kB` : `${(bytes / 1e6).toFixed(1)} MB`;
}
