// server.h -- what the files of the harness share about graded programs.
// SPDX-License-Identifier: MIT
#ifndef VEGA_LABS_SERVER_H
#define VEGA_LABS_SERVER_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct lab;

// Starts a jailed program with these for standard input, output and errors. It
// dies with the process that started it.
pid_t server_spawn_program(const char *const *arguments, int input_fd,
                           int output_fd, int error_fd, bool alone);

// A port of 127.0.0.1 that nobody listens on now.
uint16_t server_find_port(void);

// Makes lab->data, a directory for what the case has its servers remember.
void server_make_data(struct lab *lab);
// Removes what the case that was this process had its server remember.
void server_remove_data(pid_t pid);

// Starts a program whose standard input and output are `input_fd` (-1: nothing,
// and a file that lab->output_fd is for). It dies with the case.
void server_spawn(struct lab *lab, const char *const *arguments, int input_fd);

// A socket to 127.0.0.1:port, or -1. `receive_size` 0: as the kernel likes.
int server_connect(uint16_t port, int receive_size);

#endif
