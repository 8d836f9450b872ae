const PREFIX = 'designer-bff:';

/** Local storage under our own prefix: other projects serve GraphiQL on the same loopback address. */
export const storage = {
  getItem: (key: string) => localStorage.getItem(PREFIX + key),
  setItem: (key: string, value: string) => localStorage.setItem(PREFIX + key, value),
  removeItem: (key: string) => localStorage.removeItem(PREFIX + key),
  clear: () => ours().forEach((key) => localStorage.removeItem(key)),
  get length() {
    return ours().length;
  },
};

function ours(): string[] {
  return Object.keys(localStorage).filter((key) => key.startsWith(PREFIX));
}
