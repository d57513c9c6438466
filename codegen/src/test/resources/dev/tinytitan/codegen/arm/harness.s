// Runs a generated AArch64 function: maps a file with its code and memory, calls it, writes the
// memory's outputs to standard output. A static Linux program without a C library.
//
// The file starts with words of 64 bits; places are bytes from the file's start:
//   0  where the code starts, a page            8  bytes of code
//  16  where the block of pointers starts      24  how many pointers it has (places, made absolute)
//  32  where the output starts                 40  bytes of output
//  48  how many guard pages there are          56  their places: nobody may touch them

        .equ    openat, 56
        .equ    lseek, 62
        .equ    write, 64
        .equ    exit, 93
        .equ    mmap, 222
        .equ    mprotect, 226

        .global _start
_start: mov     x0, #-100               // AT_FDCWD
        ldr     x1, [sp, #16]           // argv[1]
        mov     x2, #0                  // O_RDONLY
        mov     x3, #0
        mov     x8, #openat
        svc     #0
        tbnz    x0, #63, fail
        mov     x19, x0
        mov     x1, #0
        mov     x2, #2                  // SEEK_END
        mov     x8, #lseek
        svc     #0
        mov     x1, x0                  // bytes
        mov     x0, #0
        mov     x2, #3                  // PROT_READ | PROT_WRITE
        mov     x3, #2                  // MAP_PRIVATE
        mov     x4, x19
        mov     x5, #0
        mov     x8, #mmap
        svc     #0
        cmn     x0, #4095
        b.hs    fail
        mov     x19, x0                 // where the file lies

        ldr     x0, [x19]               // code: no longer writable, but executable
        add     x0, x0, x19
        ldr     x1, [x19, #8]
        mov     x2, #5                  // PROT_READ | PROT_EXEC
        mov     x8, #mprotect
        svc     #0
        cbnz    x0, fail

        ldr     x20, [x19, #16]         // pointers become absolute
        add     x20, x20, x19
        ldr     x21, [x19, #24]
1:      cbz     x21, 2f
        sub     x21, x21, #1
        ldr     x0, [x20, x21, lsl #3]
        add     x0, x0, x19
        str     x0, [x20, x21, lsl #3]
        b       1b

2:      ldr     x21, [x19, #48]         // guards
        add     x22, x19, #56
3:      cbz     x21, 4f
        sub     x21, x21, #1
        ldr     x0, [x22], #8
        add     x0, x0, x19
        mov     x1, #4096
        mov     x2, #0                  // PROT_NONE
        mov     x8, #mprotect
        svc     #0
        cbnz    x0, fail
        b       3b

4:      fmov    d8, #1.0                // what a function must keep
        fmov    d9, #1.0
        fmov    d10, #1.0
        fmov    d11, #1.0
        fmov    d12, #1.0
        fmov    d13, #1.0
        fmov    d14, #1.0
        fmov    d15, #1.0
        mov     x23, x19
        mov     x24, sp
        mov     x0, x20
        ldr     x1, [x19]
        add     x1, x1, x19
        blr     x1
        mov     x0, sp
        cmp     x0, x24
        ccmp    x19, x23, #0, eq
        b.ne    fail
        fmov    d0, #8.0
        fadd    d8, d8, d9
        fadd    d8, d8, d10
        fadd    d8, d8, d11
        fadd    d8, d8, d12
        fadd    d8, d8, d13
        fadd    d8, d8, d14
        fadd    d8, d8, d15
        fcmp    d8, d0
        b.ne    fail

        ldr     x20, [x19, #32]         // the outputs
        add     x20, x20, x19
        ldr     x21, [x19, #40]
5:      cbz     x21, 6f
        mov     x0, #1
        mov     x1, x20
        mov     x2, x21
        mov     x8, #write
        svc     #0
        cmp     x0, #0
        b.le    fail
        add     x20, x20, x0
        sub     x21, x21, x0
        b       5b
6:      mov     x0, #0
        mov     x8, #exit
        svc     #0

fail:   mov     x0, #1
        mov     x8, #exit
        svc     #0
