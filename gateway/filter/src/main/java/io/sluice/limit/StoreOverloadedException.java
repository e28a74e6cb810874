package io.sluice.limit;

/** A healthy {@link BucketStore} has more requests waiting than it may hold. */
public class StoreOverloadedException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  public StoreOverloadedException(String message) {
    super(message, null, false, false);
  }
}
