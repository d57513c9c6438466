package dev.tinytitan.codegen.x86;

import static dev.tinytitan.codegen.Feature.AVX;
import static dev.tinytitan.codegen.Feature.AVX2;
import static dev.tinytitan.codegen.Feature.AVX512BW;
import static dev.tinytitan.codegen.Feature.AVX512DQ;
import static dev.tinytitan.codegen.Feature.AVX512F;
import static dev.tinytitan.codegen.Feature.AVX512_VBMI;
import static dev.tinytitan.codegen.Feature.AVX512_VNNI;
import static dev.tinytitan.codegen.Feature.AVX_VNNI;
import static dev.tinytitan.codegen.Feature.F16C;
import static dev.tinytitan.codegen.Feature.FMA;
import static dev.tinytitan.codegen.x86.Form.*;
import static dev.tinytitan.codegen.x86.Instruction.OpcodeMap.M0F;
import static dev.tinytitan.codegen.x86.Instruction.OpcodeMap.M0F38;
import static dev.tinytitan.codegen.x86.Instruction.OpcodeMap.M0F3A;
import static dev.tinytitan.codegen.x86.Instruction.Prefix.NP;
import static dev.tinytitan.codegen.x86.Instruction.Prefix.P66;
import static dev.tinytitan.codegen.x86.Instruction.Prefix.PF2;
import static dev.tinytitan.codegen.x86.Instruction.Prefix.PF3;
import static dev.tinytitan.codegen.x86.Instruction.Width.W0;
import static dev.tinytitan.codegen.x86.Instruction.Width.W1;
import static dev.tinytitan.codegen.x86.Instruction.Width.W1_EVEX;
import static dev.tinytitan.codegen.x86.Tuple.*;

import dev.tinytitan.codegen.Feature;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * The vector instructions that the assembler knows, one line each: operands, mandatory prefix,
 * opcode map, opcode, the bit W, memory (tuple type), and which extension the VEX and the EVEX
 * encoding need (Intel SDM Vol. 2, "Instruction Set Reference"). The tests go through this table
 * and compare every encoding with binutils.
 *
 * <p>The mnemonic is the name up to the first underscore. Where there are both encodings, the
 * assembler takes VEX, which is shorter, if the operands and the target allow it.
 */
public enum Instruction {
  // Moves.
  VMOVUPS(MOVE, NP, M0F, 0x10, W0, FULL_MEM, AVX, AVX512F, 0x11),
  VMOVAPS(MOVE, NP, M0F, 0x28, W0, FULL_MEM, AVX, AVX512F, 0x29),
  VMOVNTPS(MR_MEMORY, NP, M0F, 0x2B, W0, FULL_MEM, AVX, AVX512F),
  VMOVDQU(MOVE, PF3, M0F, 0x6F, W0, FULL_MEM, AVX, null, 0x7F),
  VMOVDQA(MOVE, P66, M0F, 0x6F, W0, FULL_MEM, AVX, null, 0x7F),
  VMOVDQU8(MOVE, PF2, M0F, 0x6F, W0, FULL_MEM, null, AVX512BW, 0x7F),
  VMOVDQU16(MOVE, PF2, M0F, 0x6F, W1, FULL_MEM, null, AVX512BW, 0x7F),
  VMOVDQU32(MOVE, PF3, M0F, 0x6F, W0, FULL_MEM, null, AVX512F, 0x7F),
  VMOVDQU64(MOVE, PF3, M0F, 0x6F, W1, FULL_MEM, null, AVX512F, 0x7F),
  VMOVDQA32(MOVE, P66, M0F, 0x6F, W0, FULL_MEM, null, AVX512F, 0x7F),
  VMOVDQA64(MOVE, P66, M0F, 0x6F, W1, FULL_MEM, null, AVX512F, 0x7F),
  VMOVSS(MOVE_MEMORY, PF3, M0F, 0x10, W0, SCALAR_4, AVX, AVX512F, 0x11),
  VMOVSD(MOVE_MEMORY, PF2, M0F, 0x10, W1_EVEX, SCALAR_8, AVX, AVX512F, 0x11),
  VMOVD(MOVE_GPR, P66, M0F, 0x6E, W0, SCALAR_4, AVX, AVX512F, 0x7E),
  VMOVQ(MOVE_GPR64, P66, M0F, 0x6E, W1, SCALAR_8, AVX, AVX512F, 0x7E),
  VMASKMOVPS(MOVE_MASKED, P66, M0F38, 0x2C, W0, FULL_MEM, AVX, null, 0x2E),
  VPMASKMOVD(MOVE_MASKED, P66, M0F38, 0x8C, W0, FULL_MEM, AVX2, null, 0x8E),
  VMOVSHDUP(RM, PF3, M0F, 0x16, W0, FULL_MEM, AVX, AVX512F),
  VMOVSLDUP(RM, PF3, M0F, 0x12, W0, FULL_MEM, AVX, AVX512F),
  VMOVHLPS(RVM_REGISTER, NP, M0F, 0x12, W0, BYTES_16, AVX, AVX512F),
  VMOVLHPS(RVM_REGISTER, NP, M0F, 0x16, W0, BYTES_16, AVX, AVX512F),
  VGATHERDPS(GATHER, P66, M0F38, 0x92, W0, SCALAR_4, null, AVX512F),
  VPGATHERDD(GATHER, P66, M0F38, 0x90, W0, SCALAR_4, null, AVX512F),
  VGATHERDPS_VEX(GATHER_VEX, P66, M0F38, 0x92, W0, SCALAR_4, AVX2, null),
  VPGATHERDD_VEX(GATHER_VEX, P66, M0F38, 0x90, W0, SCALAR_4, AVX2, null),

  // Broadcasts, insertions, extractions.
  VBROADCASTSS(RM, P66, M0F38, 0x18, W0, SCALAR_4, AVX2, AVX512F),
  VBROADCASTSD(RM, P66, M0F38, 0x19, W1_EVEX, SCALAR_8, AVX2, AVX512F),
  VBROADCASTF128(RM_MEMORY, P66, M0F38, 0x1A, W0, BYTES_16, AVX, null),
  VBROADCASTI128(RM_MEMORY, P66, M0F38, 0x5A, W0, BYTES_16, AVX2, null),
  VBROADCASTF32X4(RM_MEMORY, P66, M0F38, 0x1A, W0, BYTES_16, null, AVX512F),
  VBROADCASTI32X4(RM_MEMORY, P66, M0F38, 0x5A, W0, BYTES_16, null, AVX512F),
  VBROADCASTI32X2(RM, P66, M0F38, 0x59, W0, SCALAR_8, null, AVX512DQ),
  VBROADCASTI32X8(RM_MEMORY, P66, M0F38, 0x5B, W0, BYTES_32, null, AVX512DQ),
  VBROADCASTI64X4(RM_MEMORY, P66, M0F38, 0x5B, W1, BYTES_32, null, AVX512F),
  VPBROADCASTB(RM, P66, M0F38, 0x78, W0, SCALAR_1, AVX2, AVX512BW),
  VPBROADCASTW(RM, P66, M0F38, 0x79, W0, SCALAR_2, AVX2, AVX512BW),
  VPBROADCASTD(RM, P66, M0F38, 0x58, W0, SCALAR_4, AVX2, AVX512F),
  VPBROADCASTQ(RM, P66, M0F38, 0x59, W1_EVEX, SCALAR_8, AVX2, AVX512F),
  VPBROADCASTB_GPR(RM_GPR, P66, M0F38, 0x7A, W0, SCALAR_1, null, AVX512BW),
  VPBROADCASTW_GPR(RM_GPR, P66, M0F38, 0x7B, W0, SCALAR_2, null, AVX512BW),
  VPBROADCASTD_GPR(RM_GPR, P66, M0F38, 0x7C, W0, SCALAR_4, null, AVX512F),
  VPBROADCASTQ_GPR(RM_GPR64, P66, M0F38, 0x7C, W1, SCALAR_8, null, AVX512F),
  VINSERTF128(RVM_IMM, P66, M0F3A, 0x18, W0, BYTES_16, AVX, null),
  VINSERTI128(RVM_IMM, P66, M0F3A, 0x38, W0, BYTES_16, AVX2, null),
  VINSERTF32X4(RVM_IMM, P66, M0F3A, 0x18, W0, BYTES_16, null, AVX512F),
  VINSERTI32X4(RVM_IMM, P66, M0F3A, 0x38, W0, BYTES_16, null, AVX512F),
  VINSERTI32X8(RVM_IMM, P66, M0F3A, 0x3A, W0, BYTES_32, null, AVX512DQ),
  VINSERTI64X4(RVM_IMM, P66, M0F3A, 0x3A, W1, BYTES_32, null, AVX512F),
  VEXTRACTF128(MR_IMM, P66, M0F3A, 0x19, W0, BYTES_16, AVX, null),
  VEXTRACTI128(MR_IMM, P66, M0F3A, 0x39, W0, BYTES_16, AVX2, null),
  VEXTRACTF32X4(MR_IMM, P66, M0F3A, 0x19, W0, BYTES_16, null, AVX512F),
  VEXTRACTI32X4(MR_IMM, P66, M0F3A, 0x39, W0, BYTES_16, null, AVX512F),
  VEXTRACTI32X8(MR_IMM, P66, M0F3A, 0x3B, W0, BYTES_32, null, AVX512DQ),
  VEXTRACTF64X4(MR_IMM, P66, M0F3A, 0x1B, W1, BYTES_32, null, AVX512F),
  VEXTRACTI64X4(MR_IMM, P66, M0F3A, 0x3B, W1, BYTES_32, null, AVX512F),
  VPEXTRB(MR_IMM_GPR, P66, M0F3A, 0x14, W0, SCALAR_1, AVX, AVX512BW),
  VPEXTRD(MR_IMM_GPR, P66, M0F3A, 0x16, W0, SCALAR_4, AVX, AVX512DQ),
  VPINSRB(RVM_IMM_GPR, P66, M0F3A, 0x20, W0, SCALAR_1, AVX, AVX512BW),
  VPINSRD(RVM_IMM_GPR, P66, M0F3A, 0x22, W0, SCALAR_4, AVX, AVX512DQ),

  // Float arithmetic.
  VADDPS(RVM, NP, M0F, 0x58, W0, FULL, AVX, AVX512F),
  VADDSS(RVM, PF3, M0F, 0x58, W0, SCALAR_4, AVX, AVX512F),
  VADDPD(RVM, P66, M0F, 0x58, W1_EVEX, FULL, AVX, AVX512F),
  VMULPS(RVM, NP, M0F, 0x59, W0, FULL, AVX, AVX512F),
  VMULSS(RVM, PF3, M0F, 0x59, W0, SCALAR_4, AVX, AVX512F),
  VMULPD(RVM, P66, M0F, 0x59, W1_EVEX, FULL, AVX, AVX512F),
  VSUBPS(RVM, NP, M0F, 0x5C, W0, FULL, AVX, AVX512F),
  VSUBSS(RVM, PF3, M0F, 0x5C, W0, SCALAR_4, AVX, AVX512F),
  VSUBPD(RVM, P66, M0F, 0x5C, W1_EVEX, FULL, AVX, AVX512F),
  VMINPS(RVM, NP, M0F, 0x5D, W0, FULL, AVX, AVX512F),
  VMINSS(RVM, PF3, M0F, 0x5D, W0, SCALAR_4, AVX, AVX512F),
  VMINPD(RVM, P66, M0F, 0x5D, W1_EVEX, FULL, AVX, AVX512F),
  VDIVPS(RVM, NP, M0F, 0x5E, W0, FULL, AVX, AVX512F),
  VDIVSS(RVM, PF3, M0F, 0x5E, W0, SCALAR_4, AVX, AVX512F),
  VDIVPD(RVM, P66, M0F, 0x5E, W1_EVEX, FULL, AVX, AVX512F),
  VMAXPS(RVM, NP, M0F, 0x5F, W0, FULL, AVX, AVX512F),
  VMAXSS(RVM, PF3, M0F, 0x5F, W0, SCALAR_4, AVX, AVX512F),
  VMAXPD(RVM, P66, M0F, 0x5F, W1_EVEX, FULL, AVX, AVX512F),
  VFMADD132PS(RVM, P66, M0F38, 0x98, W0, FULL, FMA, AVX512F),
  VFMADD132SS(RVM, P66, M0F38, 0x99, W0, SCALAR_4, FMA, AVX512F),
  VFMADD213PS(RVM, P66, M0F38, 0xA8, W0, FULL, FMA, AVX512F),
  VFMADD213SS(RVM, P66, M0F38, 0xA9, W0, SCALAR_4, FMA, AVX512F),
  VFMADD231PS(RVM, P66, M0F38, 0xB8, W0, FULL, FMA, AVX512F),
  VFMADD231SS(RVM, P66, M0F38, 0xB9, W0, SCALAR_4, FMA, AVX512F),
  VFMSUB213PS(RVM, P66, M0F38, 0xAA, W0, FULL, FMA, AVX512F),
  VFMSUB231PS(RVM, P66, M0F38, 0xBA, W0, FULL, FMA, AVX512F),
  VFMSUB231SS(RVM, P66, M0F38, 0xBB, W0, SCALAR_4, FMA, AVX512F),
  VFNMADD213PS(RVM, P66, M0F38, 0xAC, W0, FULL, FMA, AVX512F),
  VFNMADD213SS(RVM, P66, M0F38, 0xAD, W0, SCALAR_4, FMA, AVX512F),
  VFNMADD231PS(RVM, P66, M0F38, 0xBC, W0, FULL, FMA, AVX512F),
  VFNMADD231SS(RVM, P66, M0F38, 0xBD, W0, SCALAR_4, FMA, AVX512F),
  VFMADD231PD(RVM, P66, M0F38, 0xB8, W1, FULL, FMA, AVX512F),
  VSQRTPS(RM, NP, M0F, 0x51, W0, FULL, AVX, AVX512F),
  VSQRTSS(RVM, PF3, M0F, 0x51, W0, SCALAR_4, AVX, AVX512F),
  VRCP14PS(RM, P66, M0F38, 0x4C, W0, FULL, null, AVX512F),
  VRSQRT14PS(RM, P66, M0F38, 0x4E, W0, FULL, null, AVX512F),
  VSCALEFPS(RVM, P66, M0F38, 0x2C, W0, FULL, null, AVX512F),
  VGETEXPPS(RM, P66, M0F38, 0x42, W0, FULL, null, AVX512F),
  VROUNDPS(RM_IMM, P66, M0F3A, 0x08, W0, FULL_MEM, AVX, null),
  VRNDSCALEPS(RM_IMM, P66, M0F3A, 0x08, W0, FULL, null, AVX512F),
  VANDPS(RVM, NP, M0F, 0x54, W0, FULL, AVX, AVX512DQ),
  VANDNPS(RVM, NP, M0F, 0x55, W0, FULL, AVX, AVX512DQ),
  VORPS(RVM, NP, M0F, 0x56, W0, FULL, AVX, AVX512DQ),
  VXORPS(RVM, NP, M0F, 0x57, W0, FULL, AVX, AVX512DQ),

  // Conversions between float and integer.
  VCVTDQ2PS(RM, NP, M0F, 0x5B, W0, FULL, AVX, AVX512F),
  VCVTPS2DQ(RM, P66, M0F, 0x5B, W0, FULL, AVX, AVX512F),
  VCVTTPS2DQ(RM, PF3, M0F, 0x5B, W0, FULL, AVX, AVX512F),
  VCVTPH2PS(RM, P66, M0F38, 0x13, W0, HALF_MEM, F16C, AVX512F),
  VCVTPS2PH(MR_IMM, P66, M0F3A, 0x1D, W0, HALF_MEM, F16C, AVX512F),

  // Integer arithmetic.
  VPADDB(RVM, P66, M0F, 0xFC, W0, FULL_MEM, AVX2, AVX512BW),
  VPADDW(RVM, P66, M0F, 0xFD, W0, FULL_MEM, AVX2, AVX512BW),
  VPADDD(RVM, P66, M0F, 0xFE, W0, FULL, AVX2, AVX512F),
  VPADDQ(RVM, P66, M0F, 0xD4, W1_EVEX, FULL, AVX2, AVX512F),
  VPSUBB(RVM, P66, M0F, 0xF8, W0, FULL_MEM, AVX2, AVX512BW),
  VPSUBW(RVM, P66, M0F, 0xF9, W0, FULL_MEM, AVX2, AVX512BW),
  VPSUBD(RVM, P66, M0F, 0xFA, W0, FULL, AVX2, AVX512F),
  VPSUBQ(RVM, P66, M0F, 0xFB, W1_EVEX, FULL, AVX2, AVX512F),
  VPADDSB(RVM, P66, M0F, 0xEC, W0, FULL_MEM, AVX2, AVX512BW),
  VPADDSW(RVM, P66, M0F, 0xED, W0, FULL_MEM, AVX2, AVX512BW),
  VPADDUSB(RVM, P66, M0F, 0xDC, W0, FULL_MEM, AVX2, AVX512BW),
  VPADDUSW(RVM, P66, M0F, 0xDD, W0, FULL_MEM, AVX2, AVX512BW),
  VPSUBSB(RVM, P66, M0F, 0xE8, W0, FULL_MEM, AVX2, AVX512BW),
  VPSUBSW(RVM, P66, M0F, 0xE9, W0, FULL_MEM, AVX2, AVX512BW),
  VPSUBUSB(RVM, P66, M0F, 0xD8, W0, FULL_MEM, AVX2, AVX512BW),
  VPSUBUSW(RVM, P66, M0F, 0xD9, W0, FULL_MEM, AVX2, AVX512BW),
  VPMULLW(RVM, P66, M0F, 0xD5, W0, FULL_MEM, AVX2, AVX512BW),
  VPMULHW(RVM, P66, M0F, 0xE5, W0, FULL_MEM, AVX2, AVX512BW),
  VPMULHRSW(RVM, P66, M0F38, 0x0B, W0, FULL_MEM, AVX2, AVX512BW),
  VPMULLD(RVM, P66, M0F38, 0x40, W0, FULL, AVX2, AVX512F),
  VPMULDQ(RVM, P66, M0F38, 0x28, W1_EVEX, FULL, AVX2, AVX512F),
  VPMULUDQ(RVM, P66, M0F, 0xF4, W1_EVEX, FULL, AVX2, AVX512F),
  VPMADDWD(RVM, P66, M0F, 0xF5, W0, FULL_MEM, AVX2, AVX512BW),
  VPMADDUBSW(RVM, P66, M0F38, 0x04, W0, FULL_MEM, AVX2, AVX512BW),
  VPDPBUSD(RVM, P66, M0F38, 0x50, W0, FULL, AVX_VNNI, AVX512_VNNI),
  VPDPBUSDS(RVM, P66, M0F38, 0x51, W0, FULL, AVX_VNNI, AVX512_VNNI),
  VPDPWSSD(RVM, P66, M0F38, 0x52, W0, FULL, AVX_VNNI, AVX512_VNNI),
  VPSADBW(RVM, P66, M0F, 0xF6, W0, FULL_MEM, AVX2, AVX512BW),
  VPAVGB(RVM, P66, M0F, 0xE0, W0, FULL_MEM, AVX2, AVX512BW),
  VPMINSB(RVM, P66, M0F38, 0x38, W0, FULL_MEM, AVX2, AVX512BW),
  VPMINSW(RVM, P66, M0F, 0xEA, W0, FULL_MEM, AVX2, AVX512BW),
  VPMINSD(RVM, P66, M0F38, 0x39, W0, FULL, AVX2, AVX512F),
  VPMINUB(RVM, P66, M0F, 0xDA, W0, FULL_MEM, AVX2, AVX512BW),
  VPMINUW(RVM, P66, M0F38, 0x3A, W0, FULL_MEM, AVX2, AVX512BW),
  VPMINUD(RVM, P66, M0F38, 0x3B, W0, FULL, AVX2, AVX512F),
  VPMAXSB(RVM, P66, M0F38, 0x3C, W0, FULL_MEM, AVX2, AVX512BW),
  VPMAXSW(RVM, P66, M0F, 0xEE, W0, FULL_MEM, AVX2, AVX512BW),
  VPMAXSD(RVM, P66, M0F38, 0x3D, W0, FULL, AVX2, AVX512F),
  VPMAXUB(RVM, P66, M0F, 0xDE, W0, FULL_MEM, AVX2, AVX512BW),
  VPMAXUW(RVM, P66, M0F38, 0x3E, W0, FULL_MEM, AVX2, AVX512BW),
  VPMAXUD(RVM, P66, M0F38, 0x3F, W0, FULL, AVX2, AVX512F),
  VPABSB(RM, P66, M0F38, 0x1C, W0, FULL_MEM, AVX2, AVX512BW),
  VPABSW(RM, P66, M0F38, 0x1D, W0, FULL_MEM, AVX2, AVX512BW),
  VPABSD(RM, P66, M0F38, 0x1E, W0, FULL, AVX2, AVX512F),

  // Logic and shifts.
  VPAND(RVM, P66, M0F, 0xDB, W0, FULL_MEM, AVX2, null),
  VPANDN(RVM, P66, M0F, 0xDF, W0, FULL_MEM, AVX2, null),
  VPOR(RVM, P66, M0F, 0xEB, W0, FULL_MEM, AVX2, null),
  VPXOR(RVM, P66, M0F, 0xEF, W0, FULL_MEM, AVX2, null),
  VPANDD(RVM, P66, M0F, 0xDB, W0, FULL, null, AVX512F),
  VPANDND(RVM, P66, M0F, 0xDF, W0, FULL, null, AVX512F),
  VPORD(RVM, P66, M0F, 0xEB, W0, FULL, null, AVX512F),
  VPXORD(RVM, P66, M0F, 0xEF, W0, FULL, null, AVX512F),
  VPTERNLOGD(RVM_IMM, P66, M0F3A, 0x25, W0, FULL, null, AVX512F),
  VPSLLW(VM_IMM, P66, M0F, 0x71, W0, FULL_MEM, AVX2, AVX512BW, 6),
  VPSRLW(VM_IMM, P66, M0F, 0x71, W0, FULL_MEM, AVX2, AVX512BW, 2),
  VPSRAW(VM_IMM, P66, M0F, 0x71, W0, FULL_MEM, AVX2, AVX512BW, 4),
  VPSLLD(VM_IMM, P66, M0F, 0x72, W0, FULL, AVX2, AVX512F, 6),
  VPSRLD(VM_IMM, P66, M0F, 0x72, W0, FULL, AVX2, AVX512F, 2),
  VPSRAD(VM_IMM, P66, M0F, 0x72, W0, FULL, AVX2, AVX512F, 4),
  VPSLLQ(VM_IMM, P66, M0F, 0x73, W1_EVEX, FULL, AVX2, AVX512F, 6),
  VPSRLQ(VM_IMM, P66, M0F, 0x73, W1_EVEX, FULL, AVX2, AVX512F, 2),
  VPSLLDQ(VM_IMM, P66, M0F, 0x73, W0, FULL_MEM, AVX2, AVX512BW, 7),
  VPSRLDQ(VM_IMM, P66, M0F, 0x73, W0, FULL_MEM, AVX2, AVX512BW, 3),
  VPSLLVD(RVM, P66, M0F38, 0x47, W0, FULL, AVX2, AVX512F),
  VPSRLVD(RVM, P66, M0F38, 0x45, W0, FULL, AVX2, AVX512F),
  VPSRAVD(RVM, P66, M0F38, 0x46, W0, FULL, AVX2, AVX512F),

  // Widening and narrowing.
  VPMOVSXBW(RM, P66, M0F38, 0x20, W0, HALF_MEM, AVX2, AVX512BW),
  VPMOVSXBD(RM, P66, M0F38, 0x21, W0, QUARTER_MEM, AVX2, AVX512F),
  VPMOVSXWD(RM, P66, M0F38, 0x23, W0, HALF_MEM, AVX2, AVX512F),
  VPMOVSXDQ(RM, P66, M0F38, 0x25, W0, HALF_MEM, AVX2, AVX512F),
  VPMOVZXBW(RM, P66, M0F38, 0x30, W0, HALF_MEM, AVX2, AVX512BW),
  VPMOVZXBD(RM, P66, M0F38, 0x31, W0, QUARTER_MEM, AVX2, AVX512F),
  VPMOVZXWD(RM, P66, M0F38, 0x33, W0, HALF_MEM, AVX2, AVX512F),
  VPMOVZXDQ(RM, P66, M0F38, 0x35, W0, HALF_MEM, AVX2, AVX512F),
  VPMOVWB(MR, PF3, M0F38, 0x30, W0, HALF_MEM, null, AVX512BW),
  VPMOVDB(MR, PF3, M0F38, 0x31, W0, QUARTER_MEM, null, AVX512F),
  VPMOVDW(MR, PF3, M0F38, 0x33, W0, HALF_MEM, null, AVX512F),
  VPMOVSWB(MR, PF3, M0F38, 0x20, W0, HALF_MEM, null, AVX512BW),
  VPMOVSDB(MR, PF3, M0F38, 0x21, W0, QUARTER_MEM, null, AVX512F),
  VPMOVSDW(MR, PF3, M0F38, 0x23, W0, HALF_MEM, null, AVX512F),
  VPMOVUSWB(MR, PF3, M0F38, 0x10, W0, HALF_MEM, null, AVX512BW),
  VPMOVUSDB(MR, PF3, M0F38, 0x11, W0, QUARTER_MEM, null, AVX512F),
  VPMOVUSDW(MR, PF3, M0F38, 0x13, W0, HALF_MEM, null, AVX512F),
  VPACKSSWB(RVM, P66, M0F, 0x63, W0, FULL_MEM, AVX2, AVX512BW),
  VPACKUSWB(RVM, P66, M0F, 0x67, W0, FULL_MEM, AVX2, AVX512BW),
  VPACKSSDW(RVM, P66, M0F, 0x6B, W0, FULL, AVX2, AVX512BW),
  VPACKUSDW(RVM, P66, M0F38, 0x2B, W0, FULL, AVX2, AVX512BW),

  // Permutations.
  VPUNPCKLBW(RVM, P66, M0F, 0x60, W0, FULL_MEM, AVX2, AVX512BW),
  VPUNPCKLWD(RVM, P66, M0F, 0x61, W0, FULL_MEM, AVX2, AVX512BW),
  VPUNPCKLDQ(RVM, P66, M0F, 0x62, W0, FULL, AVX2, AVX512F),
  VPUNPCKLQDQ(RVM, P66, M0F, 0x6C, W1_EVEX, FULL, AVX2, AVX512F),
  VPUNPCKHBW(RVM, P66, M0F, 0x68, W0, FULL_MEM, AVX2, AVX512BW),
  VPUNPCKHWD(RVM, P66, M0F, 0x69, W0, FULL_MEM, AVX2, AVX512BW),
  VPUNPCKHDQ(RVM, P66, M0F, 0x6A, W0, FULL, AVX2, AVX512F),
  VPUNPCKHQDQ(RVM, P66, M0F, 0x6D, W1_EVEX, FULL, AVX2, AVX512F),
  VUNPCKLPS(RVM, NP, M0F, 0x14, W0, FULL, AVX, AVX512F),
  VUNPCKHPS(RVM, NP, M0F, 0x15, W0, FULL, AVX, AVX512F),
  VUNPCKLPD(RVM, P66, M0F, 0x14, W1_EVEX, FULL, AVX, AVX512F),
  VUNPCKHPD(RVM, P66, M0F, 0x15, W1_EVEX, FULL, AVX, AVX512F),
  VPSHUFB(RVM, P66, M0F38, 0x00, W0, FULL_MEM, AVX2, AVX512BW),
  VPSHUFD(RM_IMM, P66, M0F, 0x70, W0, FULL, AVX2, AVX512F),
  VPSHUFLW(RM_IMM, PF2, M0F, 0x70, W0, FULL_MEM, AVX2, AVX512BW),
  VPSHUFHW(RM_IMM, PF3, M0F, 0x70, W0, FULL_MEM, AVX2, AVX512BW),
  VSHUFPS(RVM_IMM, NP, M0F, 0xC6, W0, FULL, AVX, AVX512F),
  VPERMILPS(RM_IMM, P66, M0F3A, 0x04, W0, FULL, AVX, AVX512F),
  VPALIGNR(RVM_IMM, P66, M0F3A, 0x0F, W0, FULL_MEM, AVX2, AVX512BW),
  VALIGND(RVM_IMM, P66, M0F3A, 0x03, W0, FULL, null, AVX512F),
  VPBLENDD(RVM_IMM, P66, M0F3A, 0x02, W0, FULL_MEM, AVX2, null),
  VBLENDPS(RVM_IMM, P66, M0F3A, 0x0C, W0, FULL_MEM, AVX, null),
  VPBLENDMB(RVM, P66, M0F38, 0x66, W0, FULL_MEM, null, AVX512BW),
  VPBLENDMD(RVM, P66, M0F38, 0x64, W0, FULL, null, AVX512F),
  VBLENDMPS(RVM, P66, M0F38, 0x65, W0, FULL, null, AVX512F),
  VPERMD(RVM, P66, M0F38, 0x36, W0, FULL, AVX2, AVX512F),
  VPERMPS(RVM, P66, M0F38, 0x16, W0, FULL, AVX2, AVX512F),
  VPERMQ(RM_IMM, P66, M0F3A, 0x00, W1, FULL, AVX2, AVX512F),
  VPERMQ_VECTOR(RVM, P66, M0F38, 0x36, W1, FULL, null, AVX512F),
  VPERM2F128(RVM_IMM, P66, M0F3A, 0x06, W0, FULL_MEM, AVX, null),
  VPERM2I128(RVM_IMM, P66, M0F3A, 0x46, W0, FULL_MEM, AVX2, null),
  VSHUFF32X4(RVM_IMM, P66, M0F3A, 0x23, W0, FULL, null, AVX512F),
  VSHUFI32X4(RVM_IMM, P66, M0F3A, 0x43, W0, FULL, null, AVX512F),
  VSHUFI64X2(RVM_IMM, P66, M0F3A, 0x43, W1, FULL, null, AVX512F),
  VPERMB(RVM, P66, M0F38, 0x8D, W0, FULL_MEM, null, AVX512_VBMI),
  VPERMW(RVM, P66, M0F38, 0x8D, W1, FULL_MEM, null, AVX512BW),
  VPERMT2B(RVM, P66, M0F38, 0x7D, W0, FULL_MEM, null, AVX512_VBMI),
  VPERMT2W(RVM, P66, M0F38, 0x7D, W1, FULL_MEM, null, AVX512BW),
  VPERMT2D(RVM, P66, M0F38, 0x7E, W0, FULL, null, AVX512F),
  VPERMT2PS(RVM, P66, M0F38, 0x7F, W0, FULL, null, AVX512F),
  VPERMI2B(RVM, P66, M0F38, 0x75, W0, FULL_MEM, null, AVX512_VBMI),
  VPERMI2W(RVM, P66, M0F38, 0x75, W1, FULL_MEM, null, AVX512BW),
  VPERMI2D(RVM, P66, M0F38, 0x76, W0, FULL, null, AVX512F),
  VPERMI2PS(RVM, P66, M0F38, 0x77, W0, FULL, null, AVX512F),

  // Comparisons and masks.
  VPCMPEQB(RVM, P66, M0F, 0x74, W0, FULL_MEM, AVX2, null),
  VPCMPEQD(RVM, P66, M0F, 0x76, W0, FULL_MEM, AVX2, null),
  VPCMPGTB(RVM, P66, M0F, 0x64, W0, FULL_MEM, AVX2, null),
  VPCMPGTD(RVM, P66, M0F, 0x66, W0, FULL_MEM, AVX2, null),
  VCMPPS(RVM_IMM, NP, M0F, 0xC2, W0, FULL_MEM, AVX, null),
  VCMPPS_MASK(KVM_IMM, NP, M0F, 0xC2, W0, FULL, null, AVX512F),
  VPCMPB(KVM_IMM, P66, M0F3A, 0x3F, W0, FULL_MEM, null, AVX512BW),
  VPCMPUB(KVM_IMM, P66, M0F3A, 0x3E, W0, FULL_MEM, null, AVX512BW),
  VPCMPD(KVM_IMM, P66, M0F3A, 0x1F, W0, FULL, null, AVX512F),
  VPCMPUD(KVM_IMM, P66, M0F3A, 0x1E, W0, FULL, null, AVX512F),
  VPTESTMB(KVM, P66, M0F38, 0x26, W0, FULL_MEM, null, AVX512BW),
  VPTESTMD(KVM, P66, M0F38, 0x27, W0, FULL, null, AVX512F),
  VPMOVM2B(RM_MASK, PF3, M0F38, 0x28, W0, FULL_MEM, null, AVX512BW),
  VPMOVM2W(RM_MASK, PF3, M0F38, 0x28, W1, FULL_MEM, null, AVX512BW),
  VPMOVM2D(RM_MASK, PF3, M0F38, 0x38, W0, FULL_MEM, null, AVX512DQ),
  VPMOVB2M(KM, PF3, M0F38, 0x29, W0, FULL_MEM, null, AVX512BW),
  VPMOVD2M(KM, PF3, M0F38, 0x39, W0, FULL_MEM, null, AVX512DQ),
  KMOVB(MOVE_MASK, P66, M0F, 0x90, W0, SCALAR_1, AVX512DQ, null, 0x91),
  KMOVW(MOVE_MASK, NP, M0F, 0x90, W0, SCALAR_2, AVX512F, null, 0x91),
  KMOVD(MOVE_MASK, P66, M0F, 0x90, W1, SCALAR_4, AVX512BW, null, 0x91),
  KMOVQ(MOVE_MASK, NP, M0F, 0x90, W1, SCALAR_8, AVX512BW, null, 0x91),
  KMOVB_FROM_GPR(MASK_FROM_GPR, P66, M0F, 0x92, W0, SCALAR_1, AVX512DQ, null),
  KMOVB_TO_GPR(MASK_TO_GPR, P66, M0F, 0x93, W0, SCALAR_1, AVX512DQ, null),
  KMOVW_FROM_GPR(MASK_FROM_GPR, NP, M0F, 0x92, W0, SCALAR_2, AVX512F, null),
  KMOVW_TO_GPR(MASK_TO_GPR, NP, M0F, 0x93, W0, SCALAR_2, AVX512F, null),
  KMOVD_FROM_GPR(MASK_FROM_GPR, PF2, M0F, 0x92, W0, SCALAR_4, AVX512BW, null),
  KMOVD_TO_GPR(MASK_TO_GPR, PF2, M0F, 0x93, W0, SCALAR_4, AVX512BW, null),
  KMOVQ_FROM_GPR(MASK_FROM_GPR64, PF2, M0F, 0x92, W1, SCALAR_8, AVX512BW, null),
  KMOVQ_TO_GPR(MASK_TO_GPR64, PF2, M0F, 0x93, W1, SCALAR_8, AVX512BW, null),
  KANDW(MASKS, NP, M0F, 0x41, W0, SCALAR_2, AVX512F, null),
  KORW(MASKS, NP, M0F, 0x45, W0, SCALAR_2, AVX512F, null),
  KXORW(MASKS, NP, M0F, 0x47, W0, SCALAR_2, AVX512F, null),
  KXNORW(MASKS, NP, M0F, 0x46, W0, SCALAR_2, AVX512F, null),
  KNOTW(MASK_PAIR, NP, M0F, 0x44, W0, SCALAR_2, AVX512F, null),
  KORTESTW(MASK_PAIR, NP, M0F, 0x98, W0, SCALAR_2, AVX512F, null),
  KANDD(MASKS, P66, M0F, 0x41, W1, SCALAR_4, AVX512BW, null),
  KORD(MASKS, P66, M0F, 0x45, W1, SCALAR_4, AVX512BW, null),
  KXORD(MASKS, P66, M0F, 0x47, W1, SCALAR_4, AVX512BW, null),
  KXNORD(MASKS, P66, M0F, 0x46, W1, SCALAR_4, AVX512BW, null),
  KNOTD(MASK_PAIR, P66, M0F, 0x44, W1, SCALAR_4, AVX512BW, null),
  KORTESTD(MASK_PAIR, P66, M0F, 0x98, W1, SCALAR_4, AVX512BW, null),
  KANDQ(MASKS, NP, M0F, 0x41, W1, SCALAR_8, AVX512BW, null),
  KORQ(MASKS, NP, M0F, 0x45, W1, SCALAR_8, AVX512BW, null),
  KXORQ(MASKS, NP, M0F, 0x47, W1, SCALAR_8, AVX512BW, null),
  KXNORQ(MASKS, NP, M0F, 0x46, W1, SCALAR_8, AVX512BW, null),
  KNOTQ(MASK_PAIR, NP, M0F, 0x44, W1, SCALAR_8, AVX512BW, null),
  KORTESTQ(MASK_PAIR, NP, M0F, 0x98, W1, SCALAR_8, AVX512BW, null);

  /** The mandatory prefix. */
  enum Prefix {
    NP(0),
    P66(1),
    PF3(2),
    PF2(3);

    private final int encoding;

    Prefix(int encoding) {
      this.encoding = encoding;
    }

    /** The field pp. */
    int encoding() {
      return encoding;
    }
  }

  /** The opcode map. */
  enum OpcodeMap {
    M0F(1),
    M0F38(2),
    M0F3A(3);

    private final int encoding;

    OpcodeMap(int encoding) {
      this.encoding = encoding;
    }

    /** The fields mmmmm and mmm. */
    int encoding() {
      return encoding;
    }
  }

  /** The bit W of both encodings. */
  enum Width {
    W0,
    W1,
    /** 1 in EVEX, and ignored in VEX. */
    W1_EVEX
  }

  private final Form form;
  private final Prefix prefix;
  private final OpcodeMap map;
  private final int opcode;
  private final Width width;
  private final Tuple tuple;
  private final @Nullable Feature vex;
  private final @Nullable Feature evex;
  private final int extra;
  private final String mnemonic;

  Instruction(
      Form form,
      Prefix prefix,
      OpcodeMap map,
      int opcode,
      Width width,
      Tuple tuple,
      @Nullable Feature vex,
      @Nullable Feature evex) {
    this(form, prefix, map, opcode, width, tuple, vex, evex, 0);
  }

  Instruction(
      Form form,
      Prefix prefix,
      OpcodeMap map,
      int opcode,
      Width width,
      Tuple tuple,
      @Nullable Feature vex,
      @Nullable Feature evex,
      int extra) {
    this.form = form;
    this.prefix = prefix;
    this.map = map;
    this.opcode = opcode;
    this.width = width;
    this.tuple = tuple;
    this.vex = vex;
    this.evex = evex;
    this.extra = extra;
    int end = name().indexOf('_');
    this.mnemonic = (end < 0 ? name() : name().substring(0, end)).toLowerCase(Locale.ROOT);
  }

  Form form() {
    return form;
  }

  Prefix prefix() {
    return prefix;
  }

  OpcodeMap map() {
    return map;
  }

  int opcode() {
    return opcode;
  }

  /** The opcode of the store, where the form has one. */
  int storeOpcode() {
    return extra;
  }

  /** What goes on with the opcode in ModRM.reg, where the form says so. */
  int opcodeExtension() {
    return extra;
  }

  boolean wide(boolean evexEncoded) {
    return width == W1 || (evexEncoded && width == W1_EVEX);
  }

  Tuple tuple() {
    return tuple;
  }

  /** What the VEX encoding needs; null if there is none. */
  @Nullable Feature vex() {
    return vex;
  }

  /** What the EVEX encoding needs, beside AVX512VL below 512 bits; null if there is none. */
  @Nullable Feature evex() {
    return evex;
  }

  /** The narrowest vectors there is a form for: permutations across 128-bit lanes need lanes. */
  int leastBits() {
    if (tuple == BYTES_32) {
      return 512;
    }
    return switch (this) {
      case VBROADCASTSD,
          VPERMD,
          VPERMPS,
          VPERMQ,
          VPERMQ_VECTOR,
          VPERM2F128,
          VPERM2I128,
          VSHUFF32X4,
          VSHUFI32X4,
          VSHUFI64X2 ->
          256;
      default -> tuple == BYTES_16 && form != RVM_REGISTER ? 256 : 128;
    };
  }

  /** The bytes of an element that can be broadcast from memory; 0 if none can. */
  int broadcastBytes() {
    return tuple != FULL ? 0 : wide(true) ? 8 : 4;
  }

  /** The name in Intel's syntax. */
  String mnemonic() {
    return mnemonic;
  }
}
