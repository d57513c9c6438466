package dev.tinytitan.train.gradient;

import dev.tinytitan.ir.Operator;
import dev.tinytitan.op.Abs;
import dev.tinytitan.op.Acos;
import dev.tinytitan.op.Acosh;
import dev.tinytitan.op.Add;
import dev.tinytitan.op.Asin;
import dev.tinytitan.op.Asinh;
import dev.tinytitan.op.Atan;
import dev.tinytitan.op.Atanh;
import dev.tinytitan.op.Attention;
import dev.tinytitan.op.AutoPad;
import dev.tinytitan.op.AveragePool;
import dev.tinytitan.op.BatchNormalization;
import dev.tinytitan.op.Cast;
import dev.tinytitan.op.Ceil;
import dev.tinytitan.op.Celu;
import dev.tinytitan.op.CenterCropPad;
import dev.tinytitan.op.Clip;
import dev.tinytitan.op.Compress;
import dev.tinytitan.op.Concat;
import dev.tinytitan.op.Conv;
import dev.tinytitan.op.ConvTranspose;
import dev.tinytitan.op.Cos;
import dev.tinytitan.op.Cosh;
import dev.tinytitan.op.CumSum;
import dev.tinytitan.op.DFT;
import dev.tinytitan.op.DepthToSpace;
import dev.tinytitan.op.Div;
import dev.tinytitan.op.Einsum;
import dev.tinytitan.op.Elu;
import dev.tinytitan.op.Erf;
import dev.tinytitan.op.Exp;
import dev.tinytitan.op.Expand;
import dev.tinytitan.op.Flatten;
import dev.tinytitan.op.Floor;
import dev.tinytitan.op.Gather;
import dev.tinytitan.op.GatherElements;
import dev.tinytitan.op.GatherND;
import dev.tinytitan.op.Gelu;
import dev.tinytitan.op.Gemm;
import dev.tinytitan.op.GlobalAveragePool;
import dev.tinytitan.op.GlobalMaxPool;
import dev.tinytitan.op.GroupNormalization;
import dev.tinytitan.op.HardSigmoid;
import dev.tinytitan.op.HardSwish;
import dev.tinytitan.op.Identity;
import dev.tinytitan.op.InstanceNormalization;
import dev.tinytitan.op.LRN;
import dev.tinytitan.op.LayerNormalization;
import dev.tinytitan.op.LeakyRelu;
import dev.tinytitan.op.Log;
import dev.tinytitan.op.LogSoftmax;
import dev.tinytitan.op.LpNormalization;
import dev.tinytitan.op.MatMul;
import dev.tinytitan.op.Max;
import dev.tinytitan.op.MaxPool;
import dev.tinytitan.op.Mean;
import dev.tinytitan.op.Min;
import dev.tinytitan.op.Mish;
import dev.tinytitan.op.Mod;
import dev.tinytitan.op.Mul;
import dev.tinytitan.op.Neg;
import dev.tinytitan.op.PRelu;
import dev.tinytitan.op.Pad;
import dev.tinytitan.op.Pow;
import dev.tinytitan.op.RMSNormalization;
import dev.tinytitan.op.Reciprocal;
import dev.tinytitan.op.ReduceL1;
import dev.tinytitan.op.ReduceL2;
import dev.tinytitan.op.ReduceLogSum;
import dev.tinytitan.op.ReduceLogSumExp;
import dev.tinytitan.op.ReduceMax;
import dev.tinytitan.op.ReduceMean;
import dev.tinytitan.op.ReduceMin;
import dev.tinytitan.op.ReduceProd;
import dev.tinytitan.op.ReduceSum;
import dev.tinytitan.op.ReduceSumSquare;
import dev.tinytitan.op.Relu;
import dev.tinytitan.op.Reshape;
import dev.tinytitan.op.Resize;
import dev.tinytitan.op.ReverseSequence;
import dev.tinytitan.op.RotaryEmbedding;
import dev.tinytitan.op.Round;
import dev.tinytitan.op.STFT;
import dev.tinytitan.op.ScatterElements;
import dev.tinytitan.op.ScatterND;
import dev.tinytitan.op.ScatterReduction;
import dev.tinytitan.op.Selu;
import dev.tinytitan.op.Shrink;
import dev.tinytitan.op.Sigmoid;
import dev.tinytitan.op.Sign;
import dev.tinytitan.op.Sin;
import dev.tinytitan.op.Sinh;
import dev.tinytitan.op.Slice;
import dev.tinytitan.op.Softmax;
import dev.tinytitan.op.Softplus;
import dev.tinytitan.op.Softsign;
import dev.tinytitan.op.SpaceToDepth;
import dev.tinytitan.op.Split;
import dev.tinytitan.op.Sqrt;
import dev.tinytitan.op.Squeeze;
import dev.tinytitan.op.Sub;
import dev.tinytitan.op.Sum;
import dev.tinytitan.op.Swish;
import dev.tinytitan.op.Tan;
import dev.tinytitan.op.Tanh;
import dev.tinytitan.op.ThresholdedRelu;
import dev.tinytitan.op.Tile;
import dev.tinytitan.op.TopK;
import dev.tinytitan.op.Transpose;
import dev.tinytitan.op.Trilu;
import dev.tinytitan.op.Unsqueeze;
import dev.tinytitan.op.Where;
import dev.tinytitan.op.Window;
import dev.tinytitan.tensor.DType;
import dev.tinytitan.tensor.Shape;
import dev.tinytitan.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/** Cases for every differentiable operator; values stay away from kinks. */
final class GradientCases {
  private final Random random = new Random(20_261_122);
  private final List<GradientCase> cases = new ArrayList<>();

  private GradientCases() {}

  static List<GradientCase> all() {
    GradientCases all = new GradientCases();
    all.functions();
    all.pairs();
    all.fourier();
    all.reductions();
    all.normalizations();
    all.movements();
    all.products();
    all.windows();
    all.equations();
    all.resizes();
    all.attentions();
    return all.cases;
  }

  static Tensor uniform(Random random, double low, double high, int... dims) {
    Tensor tensor = Tensor.zeros(DType.FLOAT64, Shape.of(dims));
    for (int i = 0; i < tensor.size(); i++) {
      tensor.setDouble(i, low + (high - low) * random.nextDouble());
    }
    return tensor;
  }

  private Tensor x(int... dims) {
    return uniform(random, -2, 2, dims);
  }

  private Tensor positive(int... dims) {
    return uniform(random, 0.3, 2, dims);
  }

  private static Tensor longs(long... values) {
    return Tensor.of(values);
  }

  private static Tensor scalar(double value) {
    Tensor tensor = Tensor.zeros(DType.FLOAT64, Shape.scalar());
    tensor.setDouble(0, value);
    return tensor;
  }

  private void add(Operator operator, @Nullable Tensor... inputs) {
    cases.add(GradientCase.of(operator, inputs));
  }

  private void fourier() {
    Tensor axis = Tensor.scalar(1L);
    for (int size : new int[] {6, 5}) {
      add(new DFT(false, false), uniform(random, -1, 1, 2, size, 3, 2), null, axis);
      add(new DFT(false, false), uniform(random, -1, 1, 2, size, 1), null, axis);
      add(new DFT(false, true), uniform(random, -1, 1, 2, size, 1), null, axis);
      add(new DFT(true, false), uniform(random, -1, 1, 2, size, 2), null, axis);
      add(new DFT(false, true), uniform(random, -1, 1, 2, size, 1), Tensor.scalar(8L), axis);
      add(new DFT(false, false), uniform(random, -1, 1, 2, size, 2), Tensor.scalar(4L), axis);
      add(new DFT(true, true), uniform(random, -1, 1, 2, size, 2), null, axis);
      add(new DFT(true, true), uniform(random, -1, 1, 2, size, 2), Tensor.scalar(7L), axis);
    }
    Tensor step = Tensor.scalar(3L);
    for (boolean oneSided : new boolean[] {true, false}) {
      Tensor window = uniform(random, 0.2, 1, 6);
      add(new STFT(oneSided), uniform(random, -1, 1, 2, 15, 1), step, window);
      add(
          new STFT(oneSided),
          uniform(random, -1, 1, 1, 14, oneSided ? 1 : 2),
          step,
          null,
          Tensor.scalar(5L));
    }
    for (int p : new int[] {1, 2}) {
      add(new LpNormalization(1, p), uniform(random, 0.3, 1, 2, 4, 3));
      add(new LpNormalization(-1, p), uniform(random, -1, -0.3, 2, 3));
    }
    add(
        new Compress(1),
        uniform(random, -1, 1, 2, 4),
        Tensor.of(new boolean[] {true, false, true}));
    add(
        new CenterCropPad(List.of(0, 1)),
        uniform(random, -1, 1, 5, 3),
        Tensor.of(new long[] {3, 6}, 2));
  }

  private void functions() {
    for (Operator operator :
        List.of(
            new Abs(),
            new Asinh(),
            new Atan(),
            new Ceil(),
            new Celu(1.3f),
            new Cos(),
            new Cosh(),
            new Elu(0.7f),
            new Erf(),
            new Exp(),
            new Floor(),
            new Gelu(false),
            new Gelu(true),
            new HardSigmoid(0.2f, 0.5f),
            new HardSwish(),
            new Identity(),
            new LeakyRelu(0.1f),
            new Mish(),
            new Neg(),
            new Reciprocal(),
            new Relu(),
            new Round(),
            new Selu(1.67f, 1.05f),
            new Shrink(0.1f, 0.5f),
            new Sigmoid(),
            new Sign(),
            new Sin(),
            new Sinh(),
            new Softplus(),
            new Softsign(),
            new Swish(1.2f),
            new Tanh(),
            new ThresholdedRelu(0.5f))) {
      add(operator, x(3, 5));
      add(operator, x(2, 3, 2, 2));
    }
    add(new Tan(), uniform(random, -1, 1, 7));
    add(new Acos(), uniform(random, -0.9, 0.9, 7));
    add(new Asin(), uniform(random, -0.9, 0.9, 7));
    add(new Atanh(), uniform(random, -0.9, 0.9, 7));
    add(new Acosh(), uniform(random, 1.2, 5, 7));
    add(new Log(), positive(7));
    add(new Sqrt(), positive(7));
    add(new HardSigmoid(0.2f, 0.5f), uniform(random, -5, 5, 20));
    add(new HardSwish(), uniform(random, -5, 5, 20));
    add(new Cast(DType.FLOAT64), x(3));
    cases.add(GradientCase.of(new Clip(), x(20), scalar(-1), scalar(0.5)));
    add(new Clip(), x(20), null, scalar(0.5));
    add(new Clip(), x(20));
  }

  private void pairs() {
    for (Operator operator : List.of(new Add(), new Sub(), new Mul(), new Div(), new PRelu())) {
      add(operator, x(2, 3), positive(2, 3));
      add(operator, x(2, 3, 4), positive(3, 1));
      add(operator, x(2, 1, 4), positive(1, 1, 4));
    }
    add(new Add(), x(4), x(2, 3, 4));
    add(new Mul(), x(1), x(2, 3));
    add(new Div(), x(3, 1), positive(2, 1, 4));
    add(new Sub(), scalar(2), x(2, 2));
    add(new Pow(), positive(2, 3), x(3));
    add(new Pow(), positive(2, 3), scalar(2));
    cases.add(GradientCase.of(new Mod(true), x(2, 3), positive(3)).withConstants(1));
    add(new Max(), x(2, 3), x(3), x(2, 1));
    add(new Min(), x(2, 3), x(3));
    add(new Mean(), x(2, 3), x(3), x(1));
    add(new Sum(), x(2, 3), x(3), x(1));
    add(new Sum(), x(2, 3));
    Tensor condition = Tensor.zeros(DType.BOOL, Shape.of(2, 3));
    condition.setBoolean(1, true);
    condition.setBoolean(5, true);
    add(new Where(), condition, x(2, 3), x(3));
    add(new Where(), condition, x(1), x(4, 2, 3));
  }

  private void reductions() {
    for (boolean keep : new boolean[] {true, false}) {
      for (Operator operator :
          List.of(
              new ReduceSum(keep, false),
              new ReduceMean(keep, false),
              new ReduceMax(keep, false),
              new ReduceMin(keep, false),
              new ReduceProd(keep, false),
              new ReduceL1(keep, false),
              new ReduceL2(keep, false),
              new ReduceLogSumExp(keep, false),
              new ReduceSumSquare(keep, false))) {
        add(operator, x(2, 3, 4), longs(1));
        add(operator, x(2, 3, 4), longs(-1, 0));
        add(operator, x(3, 2));
      }
      add(new ReduceLogSum(keep, false), positive(2, 3, 4), longs(1));
      add(new ReduceLogSum(keep, false), positive(3, 2));
    }
    add(new ReduceSum(true, true), x(2, 3));
    for (int axis : new int[] {-1, 0, 1}) {
      add(new Softmax(axis), x(3, 4, 2));
      add(new LogSoftmax(axis), x(3, 4, 2));
    }
    add(new CumSum(false, false), x(3, 4), longs(1).reshape(Shape.scalar()));
    add(new CumSum(true, false), x(3, 4), longs(0).reshape(Shape.scalar()));
    add(new CumSum(true, true), x(3, 4), longs(1).reshape(Shape.scalar()));
    cases.add(GradientCase.of(new TopK(-1, true, true), x(3, 5), longs(2)).withOutputs(2));
    cases.add(GradientCase.of(new TopK(0, false, true), x(3, 5), longs(2)).withOutputs(2));
  }

  private void normalizations() {
    add(new LayerNormalization(-1, 1e-5f, DType.FLOAT64), x(2, 3, 4), x(4), x(4));
    add(new LayerNormalization(1, 1e-5f, DType.FLOAT64), x(2, 3, 4), x(3, 4), null);
    add(new RMSNormalization(-1, 1e-5f, DType.FLOAT64), x(2, 3, 4), x(4));
    add(new InstanceNormalization(1e-5f), x(2, 3, 4, 2), x(3), x(3));
    add(new GroupNormalization(2, 1e-5f, DType.FLOAT64), x(2, 4, 3), x(4), x(4));
    add(new BatchNormalization(1e-5f, 0.9f, false), x(2, 3, 4), x(3), x(3), x(3), positive(3));
  }

  private void movements() {
    add(new Concat(1), x(2, 3), x(2, 1), x(2, 2));
    add(new Concat(-2), x(2, 3), x(4, 3));
    cases.add(GradientCase.of(new Split(1, 0), x(2, 5), longs(2, 3)).withOutputs(2));
    cases.add(GradientCase.of(new Split(0, 3), x(5, 2)).withOutputs(3));
    add(new Expand(), x(3, 1), longs(2, 3, 4));
    add(new Expand(), x(3, 1), longs(1));
    add(new Flatten(1), x(2, 3, 2));
    add(new Reshape(false), x(2, 6), longs(3, -1));
    add(new Squeeze(), x(2, 1, 3), longs(1));
    add(new Unsqueeze(), x(2, 3), longs(0, 3));
    add(new Transpose(List.of()), x(2, 3, 4));
    add(Transpose.of(1, 2, 0), x(2, 3, 4));
    add(new Slice(), x(4, 5), longs(1, 4), longs(4, 0), longs(0, 1), longs(2, -2));
    add(new Slice(), x(4, 5), longs(-2), longs(9));
    add(new Gather(0), x(4, 3), longs(1, 3, 1));
    add(new Gather(1), x(4, 3), longs(2, 0, -1, 0).reshape(Shape.of(2, 2)));
    add(new GatherElements(1), x(2, 3), longs(2, 2, 0, 1).reshape(Shape.of(2, 2)));
    add(new GatherND(0), x(2, 3), longs(1, 2, 1, 2, 0, 0).reshape(Shape.of(3, 2)));
    add(new Tile(), x(2, 3), longs(2, 2));
    add(new Trilu(true), x(3, 4));
    add(new Trilu(false), x(3, 4));
    add(new Pad(Pad.Mode.CONSTANT), x(2, 3), longs(1, 0, 0, 2));
    add(new Pad(Pad.Mode.REFLECT), x(3, 4), longs(1, 2, 2, 1));
    add(new Pad(Pad.Mode.EDGE), x(3, 4), longs(1, 2, 2, 1));
    add(new Pad(Pad.Mode.WRAP), x(3, 4), longs(1, 2, 2, 1));
    add(new SpaceToDepth(2), x(1, 2, 4, 2));
    add(new DepthToSpace(2, true), x(1, 8, 2, 1));
    add(new DepthToSpace(2, false), x(1, 8, 2, 1));
    add(new ReverseSequence(1, 0), x(2, 3, 2), longs(2, 1, 2));
    Tensor columns = longs(2, 0, 1, 2).reshape(Shape.of(2, 2));
    Tensor pairs = longs(1, 2, 0, 0).reshape(Shape.of(2, 2));
    for (ScatterReduction reduction : List.of(ScatterReduction.NONE, ScatterReduction.ADD)) {
      add(new ScatterElements(1, reduction), x(2, 3), columns, x(2, 2));
      add(new ScatterND(reduction), x(2, 3), pairs, x(2));
    }
  }

  private void products() {
    for (boolean transA : new boolean[] {false, true}) {
      for (boolean transB : new boolean[] {false, true}) {
        add(
            new Gemm(0.7f, 1.3f, transA, transB),
            transA ? x(3, 2) : x(2, 3),
            transB ? x(4, 3) : x(3, 4),
            x(4));
      }
    }
    add(new Gemm(1, 1, false, false), x(2, 3), x(3, 4));
    add(new MatMul(), x(2, 3), x(3, 4));
    add(new MatMul(), x(3), x(3, 4));
    add(new MatMul(), x(2, 3), x(3));
    add(new MatMul(), x(3), x(3));
    add(new MatMul(), x(2, 2, 3), x(3, 4));
    add(new MatMul(), x(2, 2, 3), x(2, 3, 4));
    add(new MatMul(), x(5, 1, 2, 3), x(2, 3, 4));
    add(new MatMul(), x(3), x(2, 3, 4));
    add(new MatMul(), x(2, 2, 3), x(3));
    add(new GlobalAveragePool(), x(2, 3, 2, 4));
    add(new GlobalMaxPool(), x(2, 3, 2, 4));
  }

  private void windows() {
    Window window = Window.of();
    add(new Conv(window, 1), x(2, 2, 6), x(3, 2, 3), x(3));
    add(new Conv(window.withPads(1, 1, 1, 1), 1), x(2, 2, 4, 5), x(3, 2, 3, 3), x(3));
    add(new Conv(window.withPads(0, 1, 1, 1).withStrides(2, 2), 1), x(1, 2, 5, 6), x(2, 2, 3, 2));
    add(new Conv(window.withDilations(2, 1), 2), x(1, 4, 5, 4), x(4, 2, 2, 2), x(4));
    add(new Conv(window.withAutoPad(AutoPad.SAME_UPPER), 3), x(2, 3, 5), x(3, 1, 4));
    add(new Conv(window, 1), x(1, 2, 3, 3, 3), x(2, 2, 2, 2, 2));
    add(new ConvTranspose(window, 1, List.of(), List.of()), x(2, 2, 4), x(2, 3, 3), x(3));
    add(
        new ConvTranspose(
            window.withStrides(2, 2).withPads(1, 0, 0, 1), 2, List.of(1, 0), List.of()),
        x(1, 4, 3, 2),
        x(4, 2, 3, 3));
    Window pool = Window.of(2, 3).withStrides(2, 1).withPads(1, 1, 0, 1);
    add(new MaxPool(pool, false), x(2, 2, 5, 4));
    add(new MaxPool(Window.of(2).withStrides(2), false), x(2, 2, 6));
    add(new AveragePool(pool, true), x(2, 2, 5, 4));
    add(new AveragePool(pool, false), x(2, 2, 5, 4));
    add(new AveragePool(Window.of(2).withStrides(2), false), x(2, 2, 6));
  }

  private void equations() {
    add(new Einsum("ij,jk->ik"), x(2, 3), x(3, 4));
    add(new Einsum("bhid,bhjd->bhij"), x(2, 2, 3, 4), x(2, 2, 5, 4));
    add(new Einsum("i,j"), x(3), x(2));
    add(new Einsum("ij->j"), x(3, 2));
    add(new Einsum("ijk,k->"), x(2, 3, 2), x(2));
    add(new Einsum("...ij,jk->...ik"), x(2, 2, 3), x(3, 2));
    add(new Einsum("ai,bi,ci->abc"), x(2, 3), x(2, 3), x(3, 3));
  }

  private void resizes() {
    Tensor twice = Tensor.of(new float[] {1, 1, 2, 1.5f});
    for (Resize.Mode mode : Resize.Mode.values()) {
      for (Resize.Coordinates coordinates :
          List.of(
              Resize.Coordinates.HALF_PIXEL,
              Resize.Coordinates.ALIGN_CORNERS,
              Resize.Coordinates.ASYMMETRIC)) {
        Resize resize = Resize.of(mode, coordinates, Resize.NearestMode.FLOOR);
        cases.add(GradientCase.of(resize, x(1, 2, 3, 4), null, twice).withConstants(2));
        add(resize, x(1, 2, 4, 6), null, null, longs(1, 2, 3, 3));
      }
    }
    add(new LRN(3, 0.5f, 0.75f, 1.5f), x(2, 5, 2, 2));
    add(new LRN(4, 0.9f, 0.5f, 2), x(1, 6, 3));
  }

  private void attentions() {
    Attention plain = new Attention(false, Float.NaN, 0, 0, 0, 0, 0);
    add(plain, x(2, 2, 3, 4), x(2, 2, 5, 4), x(2, 2, 5, 3));
    add(plain, x(1, 4, 3, 2), x(1, 2, 5, 2), x(1, 2, 5, 2), x(3, 5));
    add(new Attention(true, 0.7f, 0, 0, 0, 0, 0), x(1, 2, 4, 3), x(1, 2, 4, 3), x(1, 2, 4, 3));
    add(new Attention(false, Float.NaN, 0, 4, 2, 0, 0), x(2, 3, 8), x(2, 5, 4), x(2, 5, 6));
    Tensor seen = Tensor.zeros(DType.BOOL, Shape.of(3, 5));
    for (int i = 0; i < seen.size(); i++) {
      seen.setBoolean(i, i % 4 != 1);
    }
    add(plain, x(1, 1, 3, 2), x(1, 1, 5, 2), x(1, 1, 5, 2), seen);
    Tensor cosines = x(2, 3, 2);
    Tensor sines = x(2, 3, 2);
    for (boolean interleaved : new boolean[] {false, true}) {
      cases.add(
          GradientCase.of(new RotaryEmbedding(interleaved, 0, 4), x(2, 2, 3, 6), cosines, sines)
              .withConstants(1, 2));
    }
  }
}
