package dev.tinytitan.kernel;

import dev.tinytitan.op.WindowGeometry;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Positions whose windows see the same taps, the others lying outside the image: those within the
 * image are one group, those along an edge another. So nothing outside is ever read, and images
 * need no copy with padding around. Feature maps have contiguous channels. Immutable; the arrays
 * are not copied and must not be written.
 *
 * @param width floats that each position reads of a tap and writes: the channels, or those of some
 *     neighbours at once
 * @param starts where the first tap of each position lies
 * @param targets where the result of each position lies, ascending
 * @param taps where each tap that they see lies from the first of them
 * @param weightRows which row of the weights belongs to each of the taps
 */
// Never compared; arrays so that loops read them without a call.
@SuppressWarnings("ArrayRecordComponent")
public record WindowGroup(int width, int[] starts, int[] targets, int[] taps, int[] weightRows) {

  /** All positions of a window over an image of so many channels. */
  public static List<WindowGroup> of(WindowGeometry geometry, int channels) {
    Map<BitSet, List<Integer>> positionsOf = new LinkedHashMap<>();
    int[] offsets = new int[geometry.kernelSize()];
    for (int position = 0; position < geometry.outputSize(); position++) {
      geometry.inputOffsets(position, offsets);
      BitSet seen = new BitSet(offsets.length);
      for (int tap = 0; tap < offsets.length; tap++) {
        seen.set(tap, offsets[tap] >= 0);
      }
      positionsOf.computeIfAbsent(seen, key -> new ArrayList<>()).add(position);
    }
    List<WindowGroup> groups = new ArrayList<>();
    positionsOf.forEach((seen, positions) ->
        groups.add(group(geometry, channels, seen.stream().toArray(), positions)));
    return groups;
  }

  private static WindowGroup group(
      WindowGeometry geometry, int channels, int[] seen, List<Integer> positions) {
    int[] starts = new int[positions.size()];
    int[] targets = new int[positions.size()];
    int[] taps = new int[seen.length];
    int[] offsets = new int[geometry.kernelSize()];
    for (int i = 0; i < starts.length; i++) {
      geometry.inputOffsets(positions.get(i), offsets);
      int first = seen.length == 0 ? 0 : offsets[seen[0]];
      starts[i] = first * channels;
      targets[i] = positions.get(i) * channels;
      // Taps are counted from the first that is seen, and the same for all positions.
      for (int tap = 0; i == 0 && tap < taps.length; tap++) {
        taps[tap] = (offsets[seen[tap]] - first) * channels;
      }
    }
    return new WindowGroup(channels, starts, targets, taps, seen);
  }

  /**
   * The same work with runs of {@code count} neighbours taken as one position of so many times the
   * width, where inputs and results of both are neighbours in memory; and what is left over.
   */
  List<WindowGroup> joined(int count) {
    int[] runs = new int[starts.length];
    int[] others = new int[starts.length];
    int runCount = 0;
    int otherCount = 0;
    for (int i = 0; i < starts.length; ) {
      if (isRun(i, count)) {
        runs[runCount++] = i;
        i += count;
      } else {
        others[otherCount++] = i++;
      }
    }
    List<WindowGroup> groups = new ArrayList<>();
    if (runCount > 0) {
      groups.add(picked(count * width, Arrays.copyOf(runs, runCount)));
    }
    if (otherCount > 0) {
      groups.add(picked(width, Arrays.copyOf(others, otherCount)));
    }
    return groups;
  }

  private boolean isRun(int first, int count) {
    int last = first + count - 1;
    return last < starts.length
        && targets[last] - targets[first] == (count - 1) * width
        && starts[last] - starts[first] == (count - 1) * width;
  }

  private WindowGroup picked(int newWidth, int[] indices) {
    int[] newStarts = Arrays.stream(indices).map(i -> starts[i]).toArray();
    int[] newTargets = Arrays.stream(indices).map(i -> targets[i]).toArray();
    return new WindowGroup(newWidth, newStarts, newTargets, taps, weightRows);
  }

  /** The first of the positions whose result lies at {@code target} or behind it. */
  int firstAt(int target) {
    int found = Arrays.binarySearch(targets, target);
    return found >= 0 ? found : -found - 1;
  }
}
