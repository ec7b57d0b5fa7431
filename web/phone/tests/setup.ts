/** Node gets an IndexedDB for the tests. */
import "fake-indexeddb/auto";
