package io.sluice.upstream;

import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Lets only so many requests hold a connection while their content is still coming, first come,
 * first served; so those whose clients are slow never hold them all. Guarded by its monitor, under
 * which nobody outside is called.
 */
final class UploadGate {

  private final int most;
  private final int mostWaiting;
  private final Set<Upload> inside = new HashSet<>();
  private final Set<Upload> waiting = new LinkedHashSet<>();

  UploadGate(int most, int mostWaiting) {
    this.most = most;
    this.mostWaiting = mostWaiting;
  }

  /** Admits an upload, at once or later; returns false when too many wait already. */
  boolean enter(Upload upload) {
    synchronized (this) {
      if (inside.size() >= most) {
        return waiting.size() < mostWaiting && waiting.add(upload);
      }
      inside.add(upload);
    }
    upload.admitted();
    return true;
  }

  /** An upload streams no longer, or gives up waiting; in vain when it never entered. */
  void leave(Upload upload) {
    Upload next;
    synchronized (this) {
      waiting.remove(upload);
      next = inside.remove(upload) ? promote() : null;
    }
    if (next != null) {
      next.admitted();
    }
  }

  private @Nullable Upload promote() {
    Iterator<Upload> oldest = waiting.iterator();
    if (!oldest.hasNext()) {
      return null;
    }
    Upload next = oldest.next();
    oldest.remove();
    inside.add(next);
    return next;
  }
}
