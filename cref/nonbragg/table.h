/* The table of structure factors, and the lookup that remembers where it was. */
#ifndef TABLE_H
#define TABLE_H

/* With r rows in the file there are r + 4 points: two far ones at each end. Outside 0..count-1 the
   arrays hold NaN, as far as the lookup can reach. */
typedef struct {
    int count;
    double factor;              /* what made 1/m of the first column */
    double *stol;               /* 1/m */
    double *F;
    double *memory;             /* both arrays */
} Table;

Table read_table(const char *name, double factor);
void free_table(Table *table);

/* F at stol; *bracket is the point below, where the search before this one ended. */
double table_F(const Table *table, int *bracket, double stol);

#endif
